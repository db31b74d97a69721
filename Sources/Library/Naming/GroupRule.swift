/// Which sounds are of the same instrument. Velocity layers and takes of one drum are near-duplicates, so splitting a
/// library must not separate them.
enum GroupRule {
  private static let layers: Set<String> = [
    "softest", "soft", "softer", "med", "medium", "normal", "hard", "harder", "hardest", "loud", "quiet", "pp",
    "mp", "mf", "ff", "vel", "velocity", "layer", "rr", "take",
  ]

  /// The name of the instrument that a file belongs to: the words of its name without those for dynamics. Numbers stay,
  /// since in a collection `kick01` and `kick02` are two drums. A kit's own table is more reliable and is used first.
  static func instrument(file: String) -> String {
    let words = NameWords(file).words
    let left = words.filter { !layers.contains($0) }
    return (left.isEmpty ? words : left).joined(separator: " ")
  }
}
