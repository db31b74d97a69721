/// A column of numbers, centred and scaled: what an optimiser sees has no units.
struct ScaledColumn {
  /// Mean and standard deviation (divisor n) of the column; 1 for a constant one.
  let centre: Double, scale: Double
  let values: [Double]

  init(_ column: [Double]) {
    let n = Double(max(1, column.count)), mean = column.reduce(0, +) / n
    let variance = column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / n
    let deviation = variance > 0 ? variance.squareRoot() : 1
    (centre, scale) = (mean, deviation)
    values = column.map { ($0 - mean) / deviation }
  }

  init(_ predictor: Predictor) { self.init(predictor.values) }
}
