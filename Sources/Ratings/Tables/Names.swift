/// Names, each stored once and referred to by number, so that a million rows hold only numbers.
public struct Names: Sendable, Equatable {
  /// In the order in which they were first seen; a name's number is its place.
  public private(set) var all: [String] = []
  private var numbers: [String: Int32] = [:]

  public init() {}

  public var count: Int { all.count }

  /// The name with a number.
  public subscript(number: Int32) -> String { all[Int(number)] }

  /// The number of a name. A new name gets the next number.
  public mutating func number(_ name: String) -> Int32 {
    if let number = numbers[name] { return number }
    let number = Int32(all.count)
    all.append(name)
    numbers[name] = number
    return number
  }

  /// The names in alphabetical order, and by number the position of each. Results that use these do not depend on which
  /// name came first.
  func sorted() -> (names: [String], places: [Int]) {
    let order = all.indices.sorted { all[$0] < all[$1] }
    var places = Array(repeating: 0, count: all.count)
    for (place, number) in order.enumerated() { places[number] = place }
    return (order.map { all[$0] }, places)
  }

  /// The number of a name; nil if it has none.
  public func find(_ name: String) -> Int32? { numbers[name] }
}
