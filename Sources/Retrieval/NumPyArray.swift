import Basics
import Foundation

/// A two-dimensional array of floats in NumPy's `.npy` format (versions 1 to 3).
struct NumPyArray: Sendable {
  let rows: Int
  let columns: Int
  private let values: [Float]

  subscript(row row: Int) -> [Float] { Array(values[row * columns..<(row + 1) * columns]) }

  /// - Throws: a `Problem` that says what the file contains instead.
  init(_ url: URL) throws {
    let file = url.relativePath
    func wrong(_ what: String, _ mend: String) -> Problem { Problem(what, at: Place(file: file), mend: mend) }
    let bytes = [UInt8](try InputFile.data(url, name: file))
    guard bytes.count > 12, bytes.starts(with: [0x93] + Array("NUMPY".utf8)) else {
      throw wrong("this is not a NumPy file", "Write it with numpy.save.")
    }
    let wide = bytes[6] > 1
    let lengthEnd = wide ? 12 : 10
    let length = bytes[8..<lengthEnd].reversed().reduce(0) { $0 << 8 | Int($1) }
    let start = lengthEnd + length
    guard start <= bytes.count else { throw wrong("the file is truncated", "Write it again.") }
    let header = String(decoding: bytes[lengthEnd..<start], as: UTF8.self)

    let size: Int
    if header.contains("'<f4'") {
      size = 4
    } else if header.contains("'<f8'") {
      size = 8
    } else {
      throw wrong("its numbers are not little-endian floats", "Convert them with .astype('float32').")
    }
    guard header.contains("'fortran_order': False") else {
      throw wrong("its rows are not contiguous", "Pass it through numpy.ascontiguousarray first.")
    }
    let shape = header.firstMatch(of: /'shape':\s*\(\s*(\d+)\s*,\s*(\d+)\s*,?\s*\)/)
    guard let shape, let rows = Int(shape.1), let columns = Int(shape.2), columns > 0 else {
      throw wrong("it does not have two dimensions", "Save an array of shape (vectors, dimensions).")
    }
    let (count, overflow) = rows.multipliedReportingOverflow(by: columns)
    guard !overflow, count <= bytes.count, bytes.count == start + count * size else {
      throw wrong("the file is truncated", "Write it again.")
    }
    (self.rows, self.columns) = (rows, columns)
    values = bytes.withUnsafeBytes { raw in
      (0..<count).map { i in
        size == 4
          ? Float(bitPattern: UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: start + 4 * i, as: UInt32.self)))
          : Float(
            Double(bitPattern: UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: start + 8 * i, as: UInt64.self))))
      }
    }
  }
}
