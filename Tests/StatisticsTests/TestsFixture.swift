struct TestsFixture: Decodable {
  struct Flip: Decodable { var differences: [Double], upper, twoSided: Double }
  struct Annotators: Decodable {
    var alignments: [[[Double]]]
    var epsilon: Double
    var p, adjusted: [Double]
    var winning, advantage: Double
  }
  var flips: [Flip]
  var annotators: [Annotators]
}
