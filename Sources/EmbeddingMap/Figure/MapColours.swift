/// Colours that people with any colour vision can distinguish (after Okabe & Ito 2008; the light ones are darkened to
/// stand out from paper, and lightened for dark pages), and marks for print without colour.
enum MapColours {
  static let onPaper = ["#0072b2", "#d55e00", "#009e73", "#c2649a", "#b87a00", "#3a96cc", "#7a5c00"]
  static let onDark = ["#4ba3e3", "#f07b3a", "#2cc295", "#e29bc3", "#f0b73c", "#9bdcff", "#b0925a"]
  /// For all others together, and for sounds for which nothing is known.
  static let restOnPaper = ["#7d8288", "#a6abb0"]
  static let restOnDark = ["#8f949b", "#62676e"]

  /// A colour for each kind.
  static func colours(_ kinds: [Colouring.Kind], dark: Bool = false) -> [String] {
    let colours = dark ? onDark : onPaper, rest = dark ? restOnDark : restOnPaper
    var first = 0, last = 0
    return kinds.map { kind in
      if kind.isRest {
        last += 1
        return rest[min(last, rest.count) - 1]
      }
      first += 1
      return colours[min(first, colours.count) - 1]
    }
  }

  enum Mark: String, CaseIterable { case circle, square, triangle, diamond, down, cross }

  /// A mark for each class.
  static func mark(_ place: Int) -> Mark { Mark.allCases[place % Mark.allCases.count] }
}
