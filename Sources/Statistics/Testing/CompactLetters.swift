/// Letters that show which items cannot be told apart: two share a letter if and only if they were not found to differ.
/// They are found by insertion and absorption (Piepho 2004, "An algorithm for a letter-based representation of
/// all-pairwise comparisons"): a column of all items is split at each pair that differs, and columns contained in
/// others are dropped.
///
/// The first item's first letter is `a`; letters follow the order of their items. After `z` come `aa`, `ab` ….
/// - Parameters:
///   - count: the number of items, numbered from 0 in the order that letters follow.
///   - differs: whether two items were found to differ.
/// - Returns: by item, its letters in order, joined (separated by blanks if there are more than 26).
public func compactLetters(_ count: Int, differs: (Int, Int) -> Bool) -> [String] {
  var columns: [Set<Int>] = count > 0 ? [Set(0..<count)] : []
  for a in 0..<max(0, count) {
    for b in (a + 1)..<max(a + 1, count) where differs(a, b) {
      var next: [Set<Int>] = []
      for column in columns {
        if column.contains(a), column.contains(b) {
          next += [column.subtracting([a]), column.subtracting([b])]
        } else {
          next.append(column)
        }
      }
      // Of equal columns, the first is kept.
      columns = next.enumerated().filter { i, column in
        !next.enumerated().contains { j, other in
          j != i && column.isSubset(of: other) && (column != other || j < i)
        }
      }.map(\.element)
    }
  }
  let sorted = columns.map { $0.sorted() }.sorted { $0.lexicographicallyPrecedes($1) }
  return (0..<max(0, count)).map { one in
    sorted.indices.filter { sorted[$0].contains(one) }.map(letter).joined(separator: sorted.count > 26 ? " " : "")
  }
}

private func letter(_ number: Int) -> String {
  let own = String(UnicodeScalar(UInt8(ascii: "a") + UInt8(number % 26)))
  return number < 26 ? own : letter(number / 26 - 1) + own
}
