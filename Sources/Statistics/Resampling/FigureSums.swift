import COpenBLAS

/// Weighted sums of many figures of many pages, for several sets of weights at once: products of the matrix of the pages'
/// weights and that of their figures.
///
/// A page counts as often as its listener times its query. Sums of one page list are the same to the last digit whichever
/// weights stand beside one another.
public struct FigureSums: Sendable {
  /// A page and its figures, not-a-number where undefined.
  public struct Page: Sendable {
    var group: Int, listener: Int32, query: Int32
    var figures: [Double]

    public init(group: Int, listener: Int, query: Int, figures: [Double]) {
      (self.group, self.listener, self.query, self.figures) = (group, Int32(listener), Int32(query), figures)
    }
  }

  private struct Group: Sendable {
    var listeners: [Int32] = [], queries: [Int32] = []
    /// By page: its figures, 0 where one is undefined; then for each class of figures whether they are defined.
    var rows: [Double] = []
  }

  /// How many figures a page has.
  public let width: Int
  private var groups: [Group]
  /// By figure: its class. Figures of one class are defined on the same pages.
  private var classes: [Int]
  private var classCount = 1

  /// How many sets of weights are multiplied at once, and how many pages.
  private static let batch = 32, block = 512

  /// - Parameter groups: of pages, which are summed apart.
  public init(_ pages: [Page], width: Int, groups: Int) {
    (self.width, self.groups) = (width, Array(repeating: Group(), count: groups))
    classes = Array(repeating: 0, count: width)
    for page in pages {
      precondition(page.figures.count == width)
      var isDefined: [Bool?] = Array(repeating: nil, count: classCount), apart: [Int: Int] = [:]
      for (k, figure) in page.figures.enumerated() {
        let own = classes[k]
        guard let known = isDefined[own] else {
          isDefined[own] = !figure.isNaN
          continue
        }
        if known == !figure.isNaN { continue }
        classes[k] = apart[own] ?? classCount
        if apart.updateValue(classes[k], forKey: own) == nil { classCount += 1 }
      }
    }
    let first = (0..<classCount).map { classes.firstIndex(of: $0) ?? 0 }
    for page in pages {
      self.groups[page.group].listeners.append(page.listener)
      self.groups[page.group].queries.append(page.query)
      self.groups[page.group].rows += page.figures.map { $0.isNaN ? 0 : $0 }
      if width > 0 { self.groups[page.group].rows += first.map { page.figures[$0].isNaN ? 0 : 1 } }
    }
  }

  /// By set of weights, then by group: the sums of the figures times their weights, and then the sums of these weights.
  public func sums(_ weights: [CrossedWeights]) -> [Double] {
    let columns = width + classCount, length = groups.count * 2 * width
    var sums = Array(repeating: 0.0, count: weights.count * length)
    if width == 0 { return sums }
    DenseMatrix.useOneThread()
    var left = Array(repeating: 0.0, count: Self.batch * Self.block)
    for start in stride(from: 0, to: weights.count, by: Self.batch) {
      let some = weights[start..<min(weights.count, start + Self.batch)]
      for (g, group) in groups.enumerated() {
        var product = Array(repeating: 0.0, count: Self.batch * columns)
        let listeners = group.listeners.span, queries = group.queries.span
        for first in stride(from: 0, to: listeners.count, by: Self.block) {
          let count = min(Self.block, listeners.count - first)
          for (r, set) in some.enumerated() {
            let ofListeners = set.listeners.span, ofQueries = set.queries.span
            for p in 0..<count {
              left[r * Self.block + p] = Double(
                ofListeners[Int(listeners[first + p])] &* ofQueries[Int(queries[first + p])])
            }
          }
          group.rows.withUnsafeBufferPointer { rows in
            guard let base = rows.baseAddress else { return }
            // Always as many rows, those beyond `some` being left over: so the sums of one set do not depend on its company.
            cblas_dgemm(
              CblasRowMajor, CblasNoTrans, CblasNoTrans, blasint(Self.batch), blasint(columns), blasint(count), 1, left,
              blasint(Self.block), base + first * columns, blasint(columns), 1, &product, blasint(columns))
          }
        }
        for r in some.indices {
          let from = (r - start) * columns, to = r * length + g * 2 * width
          for k in 0..<width {
            sums[to + k] = product[from + k]
            sums[to + width + k] = product[from + width + classes[k]]
          }
        }
      }
    }
    return sums
  }
}
