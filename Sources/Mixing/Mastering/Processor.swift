/// A stage of the mastering chain: works in place on the channels of a loop that has been laid twice in a row, so that
/// what it remembers at the end of the first pass is what it starts the second with.
protocol Processor {
  mutating func process(_ channels: inout [[Float]])
}
