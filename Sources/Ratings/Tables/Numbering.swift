/// Renumbers levels from 0, in the order of their first appearance.
package struct Numbering {
  private var numbers: [Int: Int] = [:]

  package init() {}

  package var count: Int { numbers.count }

  package mutating func number(_ level: Int) -> Int {
    if let number = numbers[level] { return number }
    numbers[level] = numbers.count
    return numbers.count - 1
  }
}
