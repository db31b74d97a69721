/// Natural logarithms of many numbers at once.
///
/// Cephes' `logf` (Moshier 1989) on four numbers at a time: the exponent is split off, and for the remainder in √½…√2 a
/// polynomial of degree 9 is accurate to 24 bits. It uses only operations that round identically on every processor.
enum Logarithm {
  /// Replaces every number x by `then(log(before(x)))`. The result of `before` must be a normal positive number.
  @inline(__always)
  static func of(
    _ values: inout [Float], _ before: (SIMD4<Float>) -> SIMD4<Float>, then: (SIMD4<Float>) -> SIMD4<Float>
  ) {
    values.withUnsafeMutableBytes { raw in
      let whole = raw.count / 16 * 16
      for offset in stride(from: 0, to: whole, by: 16) {
        let x = raw.loadUnaligned(fromByteOffset: offset, as: SIMD4<Float>.self)
        raw.storeBytes(of: then(log(before(x))), toByteOffset: offset, as: SIMD4<Float>.self)
      }
      for offset in stride(from: whole, to: raw.count, by: 4) {
        let x = SIMD4(repeating: raw.loadUnaligned(fromByteOffset: offset, as: Float.self))
        raw.storeBytes(of: then(log(before(x)))[0], toByteOffset: offset, as: Float.self)
      }
    }
  }

  /// - Parameter x: normal and positive.
  @inline(__always)
  static func log(_ x: SIMD4<Float>) -> SIMD4<Float> {
    let bits = unsafeBitCast(x, to: SIMD4<Int32>.self)
    // x = m · 2^e with √½ ≤ m < √2: after subtracting the bits of √½, the exponent field is e.
    let half = SIMD4<Int32>(repeating: 0x3f35_04f3)
    let exponent = (bits &- half) &>> 23
    let m = unsafeBitCast(bits &- (exponent &<< 23), to: SIMD4<Float>.self)
    let e = SIMD4<Float>(exponent)
    let r = m - 1
    let square = r * r
    var p = r * 7.0376836292e-2 - 1.1514610310e-1
    p = p * r + 1.1676998740e-1
    p = p * r - 1.2420140846e-1
    p = p * r + 1.4249322787e-1
    p = p * r - 1.6668057665e-1
    p = p * r + 2.0000714765e-1
    p = p * r - 2.4999993993e-1
    p = p * r + 3.3333331174e-1
    var y = p * r * square
    y += e * -2.12194440e-4
    y -= square * 0.5
    return r + y + e * 0.693359375
  }
}
