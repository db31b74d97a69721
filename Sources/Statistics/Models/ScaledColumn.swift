/// A column of numbers, centred and scaled, so that the optimiser sees no units.
struct ScaledColumn {
  /// The column's mean and standard deviation (divisor n); the scale of a constant column is 1.
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
