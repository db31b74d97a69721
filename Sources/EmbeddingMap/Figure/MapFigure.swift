import Basics
import Foundation
import Pages

/// A map as a figure for a paper: vector graphics on white, with type that is legible at the width of a column.
struct MapFigure {
  let atlas: Atlas
  let colouring: Colouring
  /// The widths of a column and of a page, in points of 1/72 inch.
  private static let column = 249.45, page = 510.24
  private static let font = "Helvetica, Arial, 'Nimbus Sans', 'Liberation Sans', sans-serif"

  init(_ atlas: Atlas, colouring: Colouring) { (self.atlas, self.colouring) = (atlas, colouring) }

  /// A single map, 88 mm wide.
  func single(_ view: Atlas.View, _ map: Atlas.Map) -> String {
    let left = 20.0, box = Box(x: left, y: 12, width: Self.column - left - 1, ratio: Self.ratio([map]))
    let legend = self.legend(at: box.y + box.height + 23, left: left, width: Self.column)
    let body: Markup = "\(panel(view, map, in: box, letter: nil))\n\(legend.markup)"
    return svg(
      width: Self.column, height: legend.bottom, title: Self.title(view, map), description: describe([(view, map)]),
      body)
  }

  /// All views in one projection, side by side, 180 mm wide.
  func panels(_ projection: Atlas.Projection) -> String {
    let shown = atlas.views.compactMap { view in
      view.maps.first { $0.projection == projection }.map { (view, $0) }
    }
    let columns = min(4, shown.count), left = projection == .components ? 21.0 : 12.0, gap = 6.0
    let width = (Self.page - Double(columns) * left - Double(columns - 1) * gap - 1) / Double(columns)
    let ratio = Self.ratio(shown.map(\.1)), row = width * ratio + 35
    let parts = shown.enumerated().map { i, pair in
      let x = left + Double(i % columns) * (width + gap + left)
      return panel(
        pair.0, pair.1, in: Box(x: x, y: 12 + Double(i / columns) * row, width: width, ratio: ratio),
        letter: String(UnicodeScalar(UInt8(97 + i % 26))))
    }
    let rows = (shown.count + columns - 1) / columns
    let legend = self.legend(at: Double(rows) * row + 4, left: left, width: Self.page)
    return svg(
      width: Self.page, height: legend.bottom, title: "\(atlas.embedding.name): \(projection.title)",
      description: describe(shown), "\(Markup(parts))\n\(legend.markup)")
  }

  /// The position of a panel's frame.
  private struct Box {
    var x: Double, y: Double, width: Double, height: Double

    init(x: Double, y: Double, width: Double, ratio: Double) {
      (self.x, self.y, self.width, height) = (x, y, width, width * ratio)
    }
  }

  /// A height-to-width ratio that suits all maps side by side: never taller than wide, and not too flat.
  private static func ratio(_ maps: [Atlas.Map]) -> Double {
    min(1, max(0.6, maps.map { Frame($0.points).ratio }.max() ?? 1))
  }

  static func title(_ view: Atlas.View) -> String {
    switch view.part {
    case .whole: "whole embedding"
    case .mask: "mask: \(MapWords.plain(view.name))"
    case .network: "network: \(MapWords.plain(view.name))"
    }
  }

  private static func title(_ view: Atlas.View, _ map: Atlas.Map) -> String {
    "\(title(view)), \(map.projection.title)"
  }

  private func svg(width: Double, height: Double, title: String, description: String, _ body: Markup) -> String {
    let page: Markup = """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(Self.text(width / 72 * 25.4))mm" height="\(Self.text(height / 72 * 25.4))mm" viewBox="0 0 \(Self.text(width)) \(Self.text(height))" font-family="\(Self.font)" font-size="7.5" fill="#1a1a1a" role="img">
      <title>\(title)</title>
      <desc>\(description)</desc>
      <rect width="100%" height="100%" fill="#ffffff"/>
      \(body)
      </svg>

      """
    return page.html
  }

  private func describe(_ shown: [(Atlas.View, Atlas.Map)]) -> String {
    shown.map { "\(Self.title($0.0)): \(MapWords.map($0.1))" }.joined(separator: " ")
  }

  private func panel(_ view: Atlas.View, _ map: Atlas.Map, in box: Box, letter: String?) -> Markup {
    let frame = Frame(map.points).fitting(height: box.height / box.width)
    func at(_ point: SIMD2<Double>) -> (x: Double, y: Double) {
      let place = (point - frame.low) / frame.span
      return (box.x + box.width * place.x, box.y + box.height * (1 - place.y))
    }
    let colours = MapColours.colours(colouring.kinds)
    let classes = Embedding.ordered(Set(atlas.sounds.map(\.condition)))
    let size = box.width > 150 ? 1.6 : 1.15
    // In random order, so that no kind hides another.
    var random = SeededRandom(seed: 0, "figure")
    let marks = random.shuffled(Array(map.points.indices)).map { i -> Markup in
      let place = at(map.points[i])
      let mark = MapColours.mark(classes.firstIndex(of: atlas.sounds[i].condition) ?? 0)
      return shape(mark, place.x, place.y, size, fill: colours[colouring.of[i]])
    }
    let name: Markup =
      letter.map { "<tspan font-weight=\"bold\">\($0)</tspan> \(Self.title(view))" } ?? "\(Self.title(view))"
    var ticks: [Markup] = []
    if map.projection == .components {
      for value in Frame.ticks(frame.low.x, frame.span.x) {
        let place = at(SIMD2(value, frame.low.y)).x
        ticks.append("<path d=\"M\(Self.text(place)) \(Self.text(box.y + box.height))v2.5\"/>")
        ticks.append(
          "<text x=\"\(Self.text(place))\" y=\"\(Self.text(box.y + box.height + 9))\" text-anchor=\"middle\" stroke=\"none\" font-size=\"6\">\(MapWords.minus(value.cellText))</text>"
        )
      }
      for value in Frame.ticks(frame.low.y, frame.span.y) {
        let place = at(SIMD2(frame.low.x, value)).y
        ticks.append("<path d=\"M\(Self.text(box.x)) \(Self.text(place))h-2.5\"/>")
        ticks.append(
          "<text transform=\"translate(\(Self.text(box.x - 4)) \(Self.text(place))) rotate(-90)\" text-anchor=\"middle\" stroke=\"none\" font-size=\"6\">\(MapWords.minus(value.cellText))</text>"
        )
      }
    }
    let below = map.projection == .components ? 16.5 : 9.5, beside = map.projection == .components ? 11.5 : 4.5
    let axes = MapWords.axes(map, short: letter != nil)
    return """
      <text x="\(Self.text(box.x))" y="\(Self.text(box.y - 4))" font-size="8">\(name)</text>
      <g stroke="#1a1a1a" stroke-width="0.5" fill="none"><rect x="\(Self.text(box.x))" y="\(Self.text(box.y))" width="\(Self.text(box.width))" height="\(Self.text(box.height))"/>\(Markup(ticks, separator: "").filled)</g>
      <text x="\(Self.text(box.x + box.width / 2))" y="\(Self.text(box.y + box.height + below))" text-anchor="middle">\(axes.0)</text>
      <text transform="translate(\(Self.text(box.x - beside)) \(Self.text(box.y + box.height / 2))) rotate(-90)" text-anchor="middle">\(axes.1)</text>
      <g stroke="#ffffff" stroke-width="0.2">
      \(Markup(marks))
      </g>
      """
  }

  private func shape(_ mark: MapColours.Mark, _ x: Double, _ y: Double, _ r: Double, fill: String) -> Markup {
    func t(_ value: Double) -> String { Self.text(value) }
    func path(_ points: [(Double, Double)]) -> Markup {
      let steps = points.map { "\(t(x + r * $0.0)) \(t(y + r * $0.1))" }.joined(separator: "L")
      return "<path d=\"M\(steps)Z\" fill=\"\(fill)\"/>"
    }
    return switch mark {
    case .circle: "<circle cx=\"\(t(x))\" cy=\"\(t(y))\" r=\"\(t(r))\" fill=\"\(fill)\"/>"
    case .square:
      "<rect x=\"\(t(x - 0.9 * r))\" y=\"\(t(y - 0.9 * r))\" width=\"\(t(1.8 * r))\" height=\"\(t(1.8 * r))\" fill=\"\(fill)\"/>"
    case .triangle: path([(0, -1.25), (1.15, 0.8), (-1.15, 0.8)])
    case .diamond: path([(0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)])
    case .down: path([(0, 1.25), (1.15, -0.8), (-1.15, -0.8)])
    case .cross:
      path([
        (-0.4, -1.2), (0.4, -1.2), (0.4, -0.4), (1.2, -0.4), (1.2, 0.4), (0.4, 0.4), (0.4, 1.2), (-0.4, 1.2),
        (-0.4, 0.4), (-1.2, 0.4), (-1.2, -0.4), (-0.4, -0.4),
      ])
    }
  }

  /// The colours and, if colours do not show classes, the marks of classes, in as many rows as needed.
  private func legend(at top: Double, left: Double, width: Double) -> (markup: Markup, bottom: Double) {
    let colours = MapColours.colours(colouring.kinds)
    let classes = Embedding.ordered(Set(atlas.sounds.map(\.condition)))
    var entries: [(mark: MapColours.Mark, fill: String, label: String)] = colouring.kinds.enumerated().map { i, kind in
      let place = colouring.name == "class" ? classes.firstIndex(of: kind.label) ?? 0 : 0
      return (MapColours.mark(place), colours[i], "\(MapWords.plain(kind.label)) (\(kind.count))")
    }
    if colouring.name != "class", classes.count > 1 {
      entries += classes.enumerated().map { (MapColours.mark($0), "#444444", MapWords.plain($1)) }
    }
    var x = left + 3, y = top + 2
    var parts: [Markup] = []
    for entry in entries {
      let length = 14 + 3.9 * Double(entry.label.count)
      if x > left + 3, x + length > width {
        (x, y) = (left + 3, y + 11)
      }
      parts.append(shape(entry.mark, x, y, 2.4, fill: entry.fill))
      parts.append("<text x=\"\(Self.text(x + 6))\" y=\"\(Self.text(y + 2.6))\">\(entry.label)</text>")
      x += length
    }
    return (Markup(parts), y + 8)
  }

  static func text(_ value: Double) -> String { (((value * 100).rounded()) / 100).cellText }
}

extension Markup {
  /// Fills the letters of ticks, but not their strokes.
  fileprivate var filled: Markup { Markup(trusted: html.replacing("<text ", with: "<text fill=\"#1a1a1a\" ")) }
}

/// The bounding rectangle of a map's points.
struct Frame {
  let low: SIMD2<Double>
  /// Width and height, both above 0.
  let span: SIMD2<Double>

  init(_ points: [SIMD2<Double>]) {
    let x = points.map(\.x), y = points.map(\.y)
    let least = SIMD2(x.min() ?? 0, y.min() ?? 0), most = SIMD2(x.max() ?? 1, y.max() ?? 1)
    let wide = (most - least).max()
    span = wide > 0 ? SIMD2(max(most.x - least.x, wide * 1e-3), max(most.y - least.y, wide * 1e-3)) : .one
    low = (least + most) / 2 - span / 2
  }

  /// Widened to the shape of a panel, with a margin.
  func fitting(height: Double) -> Frame {
    let wide = max(span.x, span.y / height) * 1.06
    let grown = SIMD2(wide, wide * height)
    return Frame(low: low + span / 2 - grown / 2, span: grown)
  }

  private init(low: SIMD2<Double>, span: SIMD2<Double>) { (self.low, self.span) = (low, span) }

  /// Height divided by width.
  var ratio: Double { span.y / span.x }

  /// Three to six round numbers within a range.
  static func ticks(_ low: Double, _ length: Double) -> [Double] {
    let raw = length / 6
    guard raw > 0, raw.isFinite else { return [] }
    let power = pow(10, floor(log10(raw)))
    let step = ([1, 2, 2.5, 5, 10].first { $0 * power >= raw } ?? 10) * power
    let first = Int((low / step).rounded(.up)), last = Int(((low + length) / step).rounded(.down))
    guard first <= last else { return [] }
    return (first...last).map { (Double($0) * step * 1e9).rounded() / 1e9 }
  }
}
