// Searches of raw bytes for tests, in a module that is optimised in debug builds, too. Names would appear in a sound's tags
// as plain text; its samples contain no text.

/// The bytes with ASCII letters in lower case.
public func lowercased(_ bytes: [UInt8]) -> [UInt8] {
  bytes.map { (0x41...0x5a).contains($0) ? $0 + 0x20 : $0 }
}

/// Whether a word's bytes occur among others; an empty word does.
public func contains(_ bytes: [UInt8], _ word: [UInt8]) -> Bool {
  guard let first = word.first else { return true }
  guard bytes.count >= word.count else { return false }
  return (0...bytes.count - word.count).contains { start in
    bytes[start] == first && bytes[start..<start + word.count].elementsEqual(word)
  }
}
