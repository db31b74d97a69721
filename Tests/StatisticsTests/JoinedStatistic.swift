import Statistics

/// Two statistics computed on the same resamples, so that they can be compared resample by resample. The outputs of the
/// first come before those of the second.
struct JoinedStatistic<First: CrossedStatistic, Second: CrossedStatistic>: CrossedStatistic {
  let first: First, second: Second

  init(_ first: First, _ second: Second) { (self.first, self.second) = (first, second) }

  /// Buffers that are reused from one resample to the next.
  struct Workspace {
    var first: First.Workspace, second: Second.Workspace
    var firstValues: [Double], secondValues: [Double]
  }

  var outputs: Int { first.outputs + second.outputs }

  func workspace() -> Workspace {
    Workspace(
      first: first.workspace(), second: second.workspace(),
      firstValues: Array(repeating: .nan, count: first.outputs),
      secondValues: Array(repeating: .nan, count: second.outputs))
  }

  func evaluate(_ weights: CrossedWeights, _ workspace: inout Workspace, into values: inout [Double]) {
    first.evaluate(weights, &workspace.first, into: &workspace.firstValues)
    second.evaluate(weights, &workspace.second, into: &workspace.secondValues)
    for i in 0..<first.outputs { values[i] = workspace.firstValues[i] }
    for i in 0..<second.outputs { values[first.outputs + i] = workspace.secondValues[i] }
  }
}
