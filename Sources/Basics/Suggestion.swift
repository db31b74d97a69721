/// Guesses what an unknown name was meant to be.
public enum Suggestion {
  /// `Did you mean 'title'?` for the nearest of `names`, or nil if none is near.
  public static func didYouMean(_ name: String, among names: some Sequence<String>) -> String? {
    nearest(name, among: names).map { "Did you mean '\($0)'?" }
  }

  /// The nearest of `names`: the first that differs only in capitals, a sound file's extension or the like
  /// (`Name.alike`), else the one with the smallest edit distance, at most a third of the longer name's letters (but at
  /// least 1). Ties go to the first.
  public static func nearest(_ name: String, among names: some Sequence<String>) -> String? {
    let key = Name.alike(name, isSound: true)
    if let twin = names.first(where: { Name.alike($0, isSound: true) == key }) { return twin }
    let folded = Array(name.lowercased())
    var best: (name: String, distance: Int)?
    for other in names {
      let candidate = Array(other.lowercased())
      let limit = max(1, max(folded.count, candidate.count) / 3)
      guard abs(folded.count - candidate.count) <= limit else { continue }
      let distance = editDistance(folded, candidate)
      if distance <= limit, distance < best?.distance ?? .max { best = (other, distance) }
    }
    return best?.name
  }

  /// The least number of insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b` (optimal
  /// string alignment).
  static func editDistance(_ a: [Character], _ b: [Character]) -> Int {
    var last: [Int] = []
    var previous = Array(0...b.count)
    for i in 0..<a.count {
      var row = [i + 1]
      for j in 0..<b.count {
        var cost = min(previous[j + 1] + 1, row[j] + 1, previous[j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, last[j - 1] + 1) }
        row.append(cost)
      }
      (last, previous) = (previous, row)
    }
    return previous[b.count]
  }
}
