import Statistics

/// All figures of all pages, for every system.
package struct FiguresOfPages: Sendable {
  private let systems: Int
  /// Page by page, the metrics of each system; NaN if undefined.
  private let values: [Double]
  /// Page by page, by system: why the page has no agreement of order; nil if it has.
  private let reasons: [PageFigures.Unusable?]

  private static let metrics = AnalysisPlan.Metric.allCases.count

  package init(_ pages: [RatedStudy.Page], study: RatedStudy, plan: AnalysisPlan) {
    let figures = PageFigures(study: study, plan: plan), systems = study.systems.count, chunk = 512
    let found = pureMap(Array(stride(from: 0, to: pages.count, by: chunk))) { start in
      var values: [Double] = [], reasons: [PageFigures.Unusable?] = []
      for page in pages[start..<min(start + chunk, pages.count)] {
        for system in 0..<systems {
          let all = figures.all(page, system)
          values += all.values
          reasons.append(all.reason)
        }
      }
      return (values: values, reasons: reasons)
    }
    self.systems = systems
    values = found.flatMap(\.values)
    reasons = found.flatMap(\.reasons)
  }

  /// The metrics of a page, by its number: those of the first system, then those of the others.
  func of(_ page: Int) -> ArraySlice<Double> {
    values[(page * systems * Self.metrics)..<((page + 1) * systems * Self.metrics)]
  }

  package func reason(_ page: Int, _ system: Int) -> PageFigures.Unusable? { reasons[page * systems + system] }

  /// The figures that a page has for a system, one bit each.
  package func defined(_ page: Int, _ system: Int) -> UInt32 {
    of(page).dropFirst(system * Self.metrics).prefix(Self.metrics).enumerated().reduce(0) {
      $1.element.isNaN ? $0 : $0 | 1 << UInt32($1.offset)
    }
  }
}
