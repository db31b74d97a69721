/// The colours of the pages, by day or by night.
public struct Palette: Sendable, Equatable {
  /// A colour that a study may say. The names are those of the styles' variables.
  public enum Name: String, Sendable, CaseIterable {
    case accent, paper, wash, ink, soft, line, edge
  }

  public var colours: [Name: Colour]

  subscript(name: Name) -> Colour { colours[name] ?? Self.house(isDark: false).colours[name] ?? .black }

  /// What stands on the accent: white or nearly black, as contrasts more.
  public var onAccent: Colour {
    let night = Colour("#12152b") ?? .black
    return Colour.white.contrast(with: self[.accent]) >= night.contrast(with: self[.accent]) ? .white : night
  }

  /// A tint behind what is chosen.
  public var accentWash: Colour { self[.paper].mixed(with: self[.accent], share: 0.1) }

  /// Earshot's own, as `Public/styles/base.css` has them.
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

  /// What a study says, and the house's where it says nothing. By night an accent that is said for the day only is made
  /// as light as text must be.
  init(_ look: StudyDefinition.Look, isDark: Bool) {
    self = .house(isDark: isDark)
    let said = isDark ? look.dark : look.light
    colours.merge(said.colours) { $1 }
    if isDark, said.accent == nil, let accent = look.light.accent {
      colours[.accent] = accent.reaching(Palette.legible, with: self[.wash])
    }
  }

  private init(colours: [Name: Colour]) { self.colours = colours }

  /// The least contrast of text, and of what only has to be seen (WCAG 2.2, 1.4.3 and 1.4.11).
  static let legible = 4.5
  static let visible = 3.0

  /// Pairs that stand on one another, with the least contrast.
  static let pairs: [(Name, on: Name, Double)] = [
    (.ink, .paper, legible), (.ink, .wash, legible), (.soft, .paper, legible), (.soft, .wash, legible),
    (.accent, .paper, legible), (.accent, .wash, legible), (.edge, .paper, visible),
  ]

  /// As the styles say them.
  var css: String {
    let said = Name.allCases.map { "--\($0.rawValue): \(self[$0]);" }
    return (said + ["--on-accent: \(onAccent);", "--accent-wash: \(accentWash);"]).joined(separator: " ")
  }
}
