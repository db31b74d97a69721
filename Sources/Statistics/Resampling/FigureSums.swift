/// Weighted sums of many figures over many pages, for several sets of weights at once: products of the matrix of page
/// weights and the matrix of figures.
///
/// A page counts as often as its listener times its query. The sums for a set of weights are the same to the last digit
/// whatever other sets are computed with it.
public struct FigureSums: Sendable {
  private struct Group: Sendable {
    var listeners: [Int32] = [], queries: [Int32] = []
    /// By page: what its figures add.
    var figures: [Double] = []
    /// By class, then by page: the weight of the class's figures.
    var weights: [[Double]] = []
  }

  /// The number of figures per page, and the number of groups of pages that are summed separately.
  public let width: Int, groupCount: Int
  private var groups: [Group]
  /// By figure: its class. Figures of one class have the same weight on each page.
  private var classes: [Int]
  private var classCount: Int

  /// The numbers of sets of weights and of pages that are multiplied at once.
  private static let batch = 32, block = 512

  /// Sums without pages.
  public init(width: Int, groups: Int) {
    (self.width, groupCount) = (width, groups)
    classes = Array(repeating: 0, count: width)
    classCount = min(1, width)
    self.groups = Array(repeating: Group(weights: Array(repeating: [], count: classCount)), count: groups)
  }

  /// Adds a page.
  /// - Parameter figure: for a figure's number, what it adds to the sum and its weight; 0 and 0 if it is undefined.
  public mutating func add(
    group: Int, listener: Int, query: Int, _ figure: (Int) -> (sum: Double, weight: Double)
  ) {
    groups[group].listeners.append(Int32(listener))
    groups[group].queries.append(Int32(query))
    // The weight of each class on this page, and the classes that split here because their figures had equal weights
    // only up to this page.
    var ofClass: [Double?] = Array(repeating: nil, count: classCount)
    var parted: [(from: Int, weight: Double, to: Int)] = []
    for k in 0..<width {
      let (sum, weight) = figure(k), own = classes[k]
      groups[group].figures.append(sum)
      guard let known = ofClass[own], known != weight else {
        ofClass[own] = weight
        continue
      }
      if let other = parted.first(where: { $0.from == own && $0.weight == weight }) {
        classes[k] = other.to
        continue
      }
      parted.append((own, weight, classCount))
      classes[k] = classCount
      classCount += 1
      ofClass.append(weight)
      for g in groups.indices { groups[g].weights.append(groups[g].weights[own]) }
    }
    for (own, weight) in ofClass.enumerated() { groups[group].weights[own].append(weight ?? 0) }
  }

  /// By set of weights, then by group: the sums of the figures, followed by the sums of their weights.
  public func sums(_ sets: [CrossedWeights]) -> [Double] {
    let length = groups.count * 2 * width
    var sums = Array(repeating: 0.0, count: sets.count * length)
    if width == 0 { return sums }
    var ofPages = Array(repeating: 0.0, count: Self.batch * Self.block)
    var weights = Array(repeating: 0.0, count: Self.block * classCount)
    for start in stride(from: 0, to: sets.count, by: Self.batch) {
      let some = sets[start..<min(sets.count, start + Self.batch)]
      for (g, group) in groups.enumerated() {
        var ofFigures = Array(repeating: 0.0, count: Self.batch * width)
        var ofClasses = Array(repeating: 0.0, count: Self.batch * classCount)
        let listeners = group.listeners.span, queries = group.queries.span
        for first in stride(from: 0, to: listeners.count, by: Self.block) {
          let count = min(Self.block, listeners.count - first)
          for (r, set) in some.enumerated() {
            let ofListeners = set.listeners.span, ofQueries = set.queries.span
            for p in 0..<count {
              ofPages[r * Self.block + p] = Double(
                ofListeners[Int(listeners[first + p])] &* ofQueries[Int(queries[first + p])])
            }
          }
          for (own, column) in group.weights.enumerated() {
            for p in 0..<count { weights[p * classCount + own] = column[first + p] }
          }
          group.figures.withUnsafeBufferPointer { figures in
            guard let base = figures.baseAddress else { return }
            Self.multiply(ofPages, base + first * width, count: count, columns: width, into: &ofFigures)
          }
          Self.multiply(ofPages, weights, count: count, columns: classCount, into: &ofClasses)
        }
        for r in some.indices {
          let row = r - start, to = r * length + g * 2 * width
          for k in 0..<width {
            sums[to + k] = ofFigures[row * width + k]
            sums[to + width + k] = ofClasses[row * classCount + classes[k]]
          }
        }
      }
    }
    return sums
  }

  /// Adds the product of `count` pages' weights and numbers. It always uses the same number of sets of weights, with
  /// the surplus ignored, so that the sums of one set do not depend on the others.
  private static func multiply(
    _ ofPages: [Double], _ numbers: UnsafePointer<Double>, count: Int, columns: Int, into product: inout [Double]
  ) {
    BLAS.addProduct(
      ofPages, stride: block, numbers, rows: batch, inner: count, columns: columns, to: &product)
  }
}

/// The weighted mean of each figure over each group of pages and over all pages: the statistic of a crossed bootstrap.
///
/// The outputs are the figures by group, with all pages together last. A figure is undefined if it has no weight.
public struct FigureMeans: CrossedStatistic {
  private let sums: FigureSums

  public init(_ sums: FigureSums) { self.sums = sums }

  public var outputs: Int { (sums.groupCount + 1) * sums.width }

  public func workspace() {}

  public func evaluate(_ weights: CrossedWeights, _ workspace: inout Void, into values: inout [Double]) {
    values = evaluate(all: [weights], &workspace)
  }

  public func evaluate(all weights: [CrossedWeights], _ workspace: inout Void) -> [Double] {
    let found = sums.sums(weights), width = sums.width, groups = sums.groupCount
    var means: [Double] = []
    means.reserveCapacity(weights.count * outputs)
    for set in weights.indices {
      func sum(_ group: Int, _ figure: Int) -> Double { found[(set * groups + group) * 2 * width + figure] }
      for group in 0...groups {
        for k in 0..<width {
          let own = group < groups ? group..<(group + 1) : 0..<groups
          let total = own.reduce(0) { $0 + sum($1, k) }, weight = own.reduce(0) { $0 + sum($1, width + k) }
          means.append(weight > 0 ? total / weight : .nan)
        }
      }
    }
    return means
  }
}
