/// Which sounds are the same instrument. Velocity layers and takes of one drum are near-duplicates, so a split of a
/// library must never part them.
enum GroupRule {
  private static let layers: Set<String> = [
    "softest", "soft", "softer", "med", "medium", "normal", "hard", "harder", "hardest", "loud", "quiet", "pp",
    "mp", "mf", "ff", "vel", "velocity", "layer", "rr", "take",
  ]

  /// The name of the instrument that a file is a stroke of: its words without those that tell the force. Numbers stay:
  /// in a collection `kick01` and `kick02` are two drums. A kit's own table knows better and is asked first.
  static func instrument(file: String) -> String {
    let words = NameWords(file).words
    let left = words.filter { !layers.contains($0) }
    return (left.isEmpty ? words : left).joined(separator: " ")
  }
}
