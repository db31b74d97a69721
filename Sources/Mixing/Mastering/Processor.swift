/// A stage of the mastering chain. It works in place on the channels of a loop that is repeated once, so that the state
/// it has at the end of the first pass is the state in which it starts the second.
protocol Processor {
  mutating func process(_ channels: inout [[Float]])
}
