/// The colours of the pages, in the light or the dark theme.
public struct Palette: Sendable, Equatable {
  /// A colour that a study may set. The names are those of the CSS variables.
  public enum Name: String, Sendable, CaseIterable {
    case accent, paper, wash, ink, soft, line, edge
  }

  /// One for each name.
  public var colours: [Name: Colour]

  subscript(name: Name) -> Colour { colours[name] ?? Self.house(isDark: false).colours[name] ?? .black }

  /// The colour of text on the accent: white or nearly black, whichever contrasts more.
  public var onAccent: Colour {
    let night = Colour("#12152b") ?? .black
    return Colour.white.contrast(with: self[.accent]) >= night.contrast(with: self[.accent]) ? .white : night
  }

  /// A tint for the background of what is selected.
  public var accentWash: Colour { self[.paper].mixed(with: self[.accent], share: 0.1) }

  /// Earshot's own palette, as in `Public/styles/base.css`.
  public static func house(isDark: Bool) -> Palette {
    let codes: [(Name, String)] =
      isDark
      ? [
        (.accent, "#a9b6ff"), (.paper, "#161619"), (.wash, "#1f1f23"), (.ink, "#ecebe6"), (.soft, "#aaa79f"),
        (.line, "#34343a"), (.edge, "#7d7b83"),
      ]
      : [
        (.accent, "#2f49c4"), (.paper, "#fbfaf7"), (.wash, "#f3f1eb"), (.ink, "#1c1b19"), (.soft, "#5f5b54"),
        (.line, "#dfdbd3"), (.edge, "#8b867d"),
      ]
    return Palette(
      colours: Dictionary(uniqueKeysWithValues: codes.compactMap { name, code in Colour(code).map { (name, $0) } }))
  }

  /// The study's colours, and Earshot's own for those that it does not set. In the dark theme, an accent that is set
  /// only for the light theme is lightened until it is legible as text.
  init(_ look: StudyDefinition.Look, isDark: Bool) {
    self = .house(isDark: isDark)
    let said = isDark ? look.dark : look.light
    colours.merge(said.colours) { $1 }
    if isDark, said.accent == nil, let accent = look.light.accent {
      colours[.accent] = accent.reaching(Palette.legible, with: self[.wash])
    }
  }

  private init(colours: [Name: Colour]) { self.colours = colours }

  /// The lowest contrast ratios of text, and of what only has to be visible (WCAG 2.2, 1.4.3 and 1.4.11).
  static let legible = 4.5
  static let visible = 3.0

  /// Which colour appears on which, and the lowest contrast ratio of each pair.
  static let pairs: [(Name, on: Name, Double)] = [
    (.ink, .paper, legible), (.ink, .wash, legible), (.soft, .paper, legible), (.soft, .wash, legible),
    (.accent, .paper, legible), (.accent, .wash, legible), (.edge, .paper, visible),
  ]

  /// The palette as CSS declarations.
  var css: String {
    let said = Name.allCases.map { "--\($0.rawValue): \(self[$0]);" }
    return (said + ["--on-accent: \(onAccent);", "--accent-wash: \(accentWash);"]).joined(separator: " ")
  }
}
