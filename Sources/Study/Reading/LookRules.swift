import Basics
import Foundation
import Keys

extension StudyRules {
  /// Colours that appear on one another must have enough contrast, in the light and the dark theme.
  static func look(_ look: StudyDefinition.Look, _ reader: inout YAMLReader) {
    for (scheme, said) in [("light", look.light), ("dark", look.dark)] {
      let palette = Palette(look, isDark: scheme == "dark")
      for (name, ground, least) in Palette.pairs {
        guard let key = [name, ground].first(where: { said.colours[$0] != nil }) else { continue }
        let (front, back) = (palette[name], palette[ground])
        let contrast = front.contrast(with: back)
        guard contrast < least else { continue }
        let better = key == name ? front.reaching(least, with: back) : back.reaching(least, with: front)
        reader.fail(
          "'\(name.rawValue)' (\(front)) on '\(ground.rawValue)' (\(back)) has a contrast of \((contrast * 10).rounded(.down) / 10) : 1",
          at: reader.place(of: "look.\(scheme).\(key.rawValue)"),
          mend: "At least \(least) : 1 is needed (WCAG 2.2). '\(better)' would be enough for '\(key.rawValue)'.")
      }
    }
    if look.logo == nil, look.darkLogo != nil {
      reader.fail(
        "'look.logo_dark' is given, but 'look.logo' is not", at: reader.place(of: "look.logo_dark"),
        mend: "Write 'look.logo' too.")
    }
    if look.logo != nil { reader.requireText(look.logoText, "look.logo_text") }
  }
}
