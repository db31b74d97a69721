/// Keeps a value of many parts in one place, which copies share until one of them is changed: a copy costs as much as that
/// of a reference, not of each part.
@propertyWrapper
public struct Boxed<Value: Sendable>: Sendable {
  /// `@unchecked`: the value is only changed while a single copy uses it.
  @usableFromInline
  final class Storage: @unchecked Sendable {
    @usableFromInline var value: Value

    @usableFromInline init(_ value: Value) { self.value = value }
  }

  @usableFromInline var storage: Storage

  @inlinable public init(wrappedValue: Value) { storage = Storage(wrappedValue) }

  /// The value. Changing it leaves other copies as they are.
  @inlinable public var wrappedValue: Value {
    _read { yield storage.value }
    _modify {
      if !isKnownUniquelyReferenced(&storage) { storage = Storage(storage.value) }
      yield &storage.value
    }
  }
}
