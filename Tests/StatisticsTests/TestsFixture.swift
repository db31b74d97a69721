struct TestsFixture: Decodable {
  struct Flip: Decodable { var differences: [Double], upper, twoSided: Double }
  struct Sign: Decodable { var wins, losses: Int, p: Double }
  struct Equivalence: Decodable { var estimate, error, margin, df, above, below: Double }
  struct Annotators: Decodable {
    var alignments: [[[Double]]]
    var epsilon: Double
    var p, adjusted: [Double]
    var winning, advantage: Double
  }
  var flips: [Flip]
  var signs: [Sign]
  var equivalences: [Equivalence]
  var annotators: [Annotators]
}
