/// Renumbers levels from 0, in the order of their first appearance.
struct Numbering {
  private var numbers: [Int: Int] = [:]

  var count: Int { numbers.count }

  mutating func number(_ level: Int) -> Int {
    if let number = numbers[level] { return number }
    numbers[level] = numbers.count
    return numbers.count - 1
  }
}
