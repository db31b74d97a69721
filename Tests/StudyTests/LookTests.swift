import Basics
import Foundation
import Study
import Testing

@Suite("A study's own look")
struct LookTests {
  static let plain = "title: T\nconsent: {text: Yes}\n"

  func reading(_ look: String, _ change: (StudyFixture) throws -> Void = { _ in }) throws -> StudyReading {
    let fixture = try StudyFixture(Self.plain + look)
    defer { fixture.remove() }
    try fixture.write("look/logo.svg", "<svg xmlns='http://www.w3.org/2000/svg' width='8' height='8'/>")
    try fixture.write("look/font.woff2", "wOF2 and so on")
    try change(fixture)
    return StudyReading(folder: fixture.folder)
  }

  @Test(
    "contrast is calculated as in WCAG 2.2",
    arguments: [
      ("#000000", "#ffffff", 21.0), ("#767676", "#fff", 4.542), ("#777", "#ffffff", 4.478),
      ("#ff0000", "#ffffff", 3.998),
      ("#2f49c4", "#2F49C4", 1),
    ])
  func contrast(one: String, other: String, ratio: Double) throws {
    let (one, other) = (try #require(Colour(one)), try #require(Colour(other)))
    #expect(abs(one.contrast(with: other) - ratio) < 0.001)
    #expect(one.contrast(with: other) == other.contrast(with: one))
  }

  @Test(
    "a colour has three or six hexadecimal digits",
    arguments: ["", "#", "red", "#12", "#12345", "#gggggg", "2f49c4", "#2f49c4 ", "#２f49c4"])
  func noColour(text: String) { #expect(Colour(text) == nil) }

  @Test("the default colours equal those of the style sheet")
  func house() throws {
    let css = try String(
      contentsOf: URL(filePath: "\(#filePath)/../../../Public/styles/base.css").standardized, encoding: .utf8)
    for (isDark, part) in [(false, css.prefix(600)), (true, css.drop { $0 != "@" }.prefix(600))] {
      let palette = Palette.house(isDark: isDark)
      for name in Palette.Name.allCases {
        let code = try #require(palette.colours[name])
        #expect(part.contains("--\(name.rawValue): \(code);"), "\(name) \(isDark)")
      }
      #expect(part.contains("--on-accent: \(palette.onAccent);"))
    }
  }

  @Test(
    "a look overrides the default style, and an accent for light mode is lightened for dark mode")
  func style() throws {
    let look = try #require(
      try reading("look: {light: {accent: \"#006b3c\"}, font: look/font.woff2, logo: look/logo.svg, logo_text: Uni}\n")
        .design?.look)
    let css = String(decoding: try #require(look.files["look.css"]).data, as: UTF8.self)
    let parts = css.split(separator: "@media")
    #expect(parts[0].contains("--accent: #006b3c; --paper: #fbfaf7;"))
    #expect(parts[0].contains("--on-accent: #ffffff;"))
    #expect(parts[0].contains("url(\"font.woff2\")"))
    let night = try #require(parts[1].firstMatch(of: /--accent: (#[0-9a-f]{6})/).map { Colour(String($0.1)) } ?? nil)
    #expect(night.contrast(with: try #require(Colour("#1f1f23"))) >= 4.5)
    #expect(look.files["logo.svg"]?.type == "image/svg+xml")
    #expect(look.logo == "logo.svg")
    #expect(try reading("").design?.look == nil)
  }

  @Test("colours that are too faint to read are refused, with a readable suggestion")
  func tooFaint() throws {
    let problems = try reading("look: {light: {accent: \"#ffcc00\"}, dark: {ink: \"#555\", edge: \"#222\"}}\n").errors
    #expect(problems.count == 5, "\(problems)")
    #expect(problems[0].what == "'accent' (#ffcc00) on 'paper' (#fbfaf7) has a contrast of 1.4 : 1")
    #expect(problems[0].place?.line == 3)
    let better = try #require(problems[0].mend.firstMatch(of: /'(#[0-9a-f]{6})'/).map { Colour(String($0.1)) } ?? nil)
    #expect(better.contrast(with: try #require(Colour("#fbfaf7"))) >= 4.5)
  }

  @Test(
    "files that are missing, too large or of an unknown type are named",
    arguments: [
      ("logo: look/none.svg", "there is no file 'look/none.svg'"),
      ("logo: look/font.woff2", "'look/font.woff2' is not in a format that browsers support"),
      ("font: look/logo.svg", "'look/logo.svg' is not in a format that browsers support"),
      ("logo: look/large.png", "'look/large.png': the file has 200001 bytes, more than the 200000 that can be read"),
      ("logo: look", "'look': this is a folder, not a file"),
    ])
  func files(key: String, what: String) throws {
    let problems = try reading("look: {\(key), logo_text: Uni}\n") {
      try $0.write("look/large.png", String(repeating: "x", count: 200_001))
    }.errors
    #expect(problems.map(\.what).contains(what), "\(problems)")
  }

  @Test("a logo needs a text that says what it shows")
  func words() throws {
    #expect(try reading("look: {logo: look/logo.svg}\n").errors.map(\.what) == ["'look.logo_text' is missing"])
    let alone = try reading("look: {logo_dark: look/logo.svg}\n").errors
    #expect(alone.map(\.what) == ["'look.logo_dark' is given, but 'look.logo' is not"])
  }

  @Test("the look changes the version of the texts, not of the design")
  func version() throws {
    let said = "look: {logo: look/logo.svg, logo_text: Uni}\n"
    let designs = try [
      reading("").design, reading(said).design,
      reading(said) { try $0.write("look/logo.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>") }.design,
    ].map { try #require($0) }
    #expect(Set(designs.map(\.version)).count == 3)
    #expect(Set(designs.map(\.designVersion)).count == 1)
  }
}
