import Foundation

/// One value as a database stores it.
public enum StoredValue: Sendable, Equatable {
  case null
  case integer(Int64)
  case real(Double)
  case text(String)
  case bytes(Data)
}

/// What can be stored as one value. Booleans are stored as 0 and 1, or as the database's own booleans.
public protocol Storable {
  /// The value as a database stores it: `null` for nil.
  var stored: StoredValue { get }
  /// nil if the value is none of these.
  init?(stored: StoredValue)
}

extension Int: Storable {
  public var stored: StoredValue { .integer(Int64(self)) }
  /// Also a real, if it is a whole number.
  public init?(stored: StoredValue) {
    switch stored {
    case .integer(let value): self.init(exactly: value)
    case .real(let value): self.init(exactly: value)
    default: return nil
    }
  }
}

extension Int64: Storable {
  public var stored: StoredValue { .integer(self) }
  /// Also a real, if it is a whole number.
  public init?(stored: StoredValue) {
    switch stored {
    case .integer(let value): self = value
    case .real(let value): self.init(exactly: value)
    default: return nil
    }
  }
}

extension Double: Storable {
  public var stored: StoredValue { .real(self) }
  /// Also an integer, rounded if it has more than 53 bits.
  public init?(stored: StoredValue) {
    switch stored {
    case .integer(let value): self.init(value)
    case .real(let value): self = value
    default: return nil
    }
  }
}

extension Bool: Storable {
  public var stored: StoredValue { .integer(self ? 1 : 0) }
  /// Every integer but 0 is true.
  public init?(stored: StoredValue) {
    guard case .integer(let value) = stored else { return nil }
    self = value != 0
  }
}

extension String: Storable {
  public var stored: StoredValue { .text(self) }
  public init?(stored: StoredValue) {
    guard case .text(let value) = stored else { return nil }
    self = value
  }
}

extension Data: Storable {
  public var stored: StoredValue { .bytes(self) }
  public init?(stored: StoredValue) {
    guard case .bytes(let value) = stored else { return nil }
    self = value
  }
}

extension StoredValue: Storable {
  public var stored: StoredValue { self }
  public init?(stored: StoredValue) { self = stored }
}

extension Optional: Storable where Wrapped: Storable {
  public var stored: StoredValue { self?.stored ?? .null }
  public init?(stored: StoredValue) {
    if case .null = stored { self = .none; return }
    guard let value = Wrapped(stored: stored) else { return nil }
    self = .some(value)
  }
}

/// One row of a result, read by the names of its columns.
public struct StoredRow: Sendable {
  /// The columns of a result, shared by all of its rows.
  public final class Columns: Sendable {
    /// In the order of a row's values.
    public let names: [String]
    private let places: [String: Int]

    /// If several have the same name, the first counts.
    public init(_ names: [String]) {
      self.names = names
      places = Dictionary(zip(names, names.indices), uniquingKeysWith: { first, _ in first })
    }

    func place(_ name: String) -> Int? { places[name] }
  }

  /// Shared by all rows of the result.
  public let columns: Columns
  /// One for each of the columns, in their order.
  public let values: [StoredValue]

  /// - Parameter values: as many as there are columns.
  public init(_ columns: Columns, _ values: [StoredValue]) {
    (self.columns, self.values) = (columns, values)
  }

  /// - Throws: `RecordsError.unavailable` if the column is missing or holds something else: the database is damaged.
  public subscript<Value: Storable>(_ name: String) -> Value {
    get throws {
      guard let place = columns.place(name), let value = Value(stored: values[place]) else {
        throw RecordsError.unavailable(Outage("the column '\(name)' does not hold what it should"))
      }
      return value
    }
  }
}
