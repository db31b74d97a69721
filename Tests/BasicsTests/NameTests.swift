import Basics
import Testing

@Suite("Names")
struct NameTests {
  @Test(
    "invisible characters are not part of a name",
    arguments: [
      "P1 ", " P1", "P1\u{a0}", "\u{feff}P1", "P1\u{200b}", "P\u{200b}1", "P\u{ad}1", "P1\t", "P1\r", "P1\n",
      "\u{2003}P1",
      "P1\u{200d}", "P\u{200c}1", "P1\u{2060}", "\u{202a}P1\u{202c}", "P1\u{0}", "P1\u{3000}", "P\u{180e}1",
      "P1\u{fe0f}",
    ])
  func trimmed(text: String) {
    #expect(Name.isSame(Name.read(text), "P1"))
    #expect(Name.visible(text).contains("‹U+"))
  }

  @Test("letters are composed, spaces between words are single, and joiners are kept where they join")
  func normalised() {
    #expect(Name.isSame(Name.read("Zoe\u{308}"), "Zo\u{eb}") && Name.visible("Zoe\u{308}") == "Zoe‹U+0308›")
    #expect(Name.isSame(Name.read("\u{1112}\u{1161}\u{11ab}"), "\u{d55c}"))
    #expect(Name.read("deep  kick\u{a0}1") == "deep kick 1")
    let family = "👩\u{200d}👧", persian = "می\u{200c}خواهم"
    #expect(Name.isSame(Name.read(family), family) && Name.isSame(Name.read(persian), persian))
    for plain in ["", "P1", "kick 1", "Zo\u{eb}", "a.b-c_d"] {
      #expect(Name.isSame(Name.read(plain), plain) && Name.visible(plain) == plain)
    }
    #expect(Name.read(" \u{200b}\t") == "")
  }

  @Test("names that look the same to a person are found")
  func alike() {
    #expect(Name.alikeGroups(["Kick1", "kick2", "kick1", "KICK1", "kick1"]) == [["Kick1", "kick1", "KICK1"]])
    #expect(Name.alike("\u{420}1") == Name.alike("P1") && Name.alike("a–b") == Name.alike("a-b"))
    #expect(Name.alike("\u{ff30}1") == Name.alike("p1"))
    #expect(Name.alike("Sounds/Kick1.WAV", isSound: true) == Name.alike("kick1", isSound: true))
    #expect(Name.alike("kick1.wav") != Name.alike("kick1") && Name.alike("v1.2", isSound: true) == "v1.2")
    for (name, plain) in [
      ("\u{430}nn\u{430}", "anna"), ("\u{3bf}ne", "one"), ("\u{ff4b}\u{ff49}\u{ff43}\u{ff4b}", "kick"),
      ("k\u{131}ck", "kick"),
      ("\u{1d5c4}ick", "kick"), ("\u{fb01}le", "file"), ("№", "No"), ("\u{cf}", "\u{cf}"),
    ] { #expect(Name.alike(name) == Name.alike(plain), "\(name)") }
    for (a, b) in [("ä1", "a1"), ("k1", "kl"), ("日本", "日木"), ("P1", "P2")] { #expect(Name.alike(a) != Name.alike(b)) }
    #expect(Name.difference("P1", "p1") == "capitals")
    #expect(Name.difference("\u{420}1", "P1") == "characters that look alike (U+0420 and 'P')")
    #expect(Name.difference("P\u{ff11}", "p1") == "characters that look alike (U+FF11 and '1')")
    #expect(Name.difference("a–b", "a-b") == "characters that look alike (U+2013 and '-')")
    #expect(Suggestion.didYouMean("kick1.wav", among: ["kick2", "kick1"]) == "Did you mean 'kick1'?")
  }
}
