/// Tags that describe a sound, from its names. `docs/library.md` has the same table.
public enum TagRule {
  /// Tags and the words that stand for them, in the order in which tags are written.
  static let table: [(tag: String, words: Set<String>)] = [
    ("808", ["808", "tr808"]),
    ("909", ["909", "tr909"]),
    (
      "acoustic",
      ["acoustic", "jazz", "rock", "standard", "orchestra", "brush", "pearl", "sabian", "tama", "paiste", "zildjian"]
    ),
    (
      "electronic",
      [
        "808", "909", "tr808", "tr909", "elec", "electro", "electronic", "electric", "techno", "tek", "house", "haus",
        "rave", "synth", "analog", "dance", "klub", "club", "trance", "dub", "dubstep",
      ]
    ),
    ("glitch", ["glitch", "8bit", "noise", "nz", "robot", "zap", "fx", "fuzz"]),
    ("hip-hop", ["hiphop", "hop", "rap", "trap"]),
    ("impact", ["impact", "boom", "power", "stomp", "hardcore", "industrial", "heavy", "dist", "distorted", "gabber"]),
    ("lo-fi", ["lofi", "dirty", "8bit", "vinyl", "crunch", "tape", "muffled"]),
    ("vintage", ["808", "909", "tr808", "tr909", "vintage", "old", "retro", "classic"]),
    ("wet", ["wet", "reverb", "room", "hall", "ambient", "ambience", "cave"]),
  ]

  /// - Parameters:
  ///   - names: the names of kit, instrument and file.
  ///   - kit: tags of the whole kit that are known from elsewhere.
  public static func tags(_ names: [String], kit: [String] = []) -> [String] {
    // Neighbouring words also count joined, because `lo-fi` and `hip hop` are spelled in many ways.
    let words = Set(
      names.flatMap { name in
        let words = NameWords(name).words
        return words + zip(words, words.dropFirst()).map { $0 + $1 }
      })
    let found = Set(table.filter { !$0.words.isDisjoint(with: words) }.map(\.tag)).union(kit)
    return table.map(\.tag).filter(found.contains) + kit.filter { tag in !table.contains { $0.tag == tag } }
  }
}
