import Foundation
import Sound
import Testing

@Suite("MFCC")
struct MFCCTests {
  struct Oracle: Decodable {
    var rate: Int
    var samples_16bit: [Int]
    var coefficients: [[Double]]
    var deltas: [[Double]]
  }

  let oracle: Oracle
  let samples: [Float]

  init() throws {
    let file = URL(filePath: #filePath).appending(path: "../../../analysis/oracles/fixtures/mfcc.json").standardized
    oracle = try JSONDecoder().decode(Oracle.self, from: Data(contentsOf: file))
    samples = oracle.samples_16bit.map { Float($0) / 32768 }
  }

  /// Expects agreement within 1e-4 of the largest number in the table.
  private func expect(_ values: [Float], _ rows: [[Double]]) {
    #expect(values.count == rows.count * 13)
    let scale = rows.joined().lazy.map(abs).max() ?? 1
    for (value, right) in zip(values, rows.joined()) { #expect(abs(Double(value) - right) < 1e-4 * scale) }
  }

  @Test("coefficients agree with numpy and scipy")
  func coefficients() { expect(MFCC().coefficients(of: samples, sampleRate: oracle.rate), oracle.coefficients) }

  @Test("deltas are the slopes of numpy's least squares")
  func deltas() {
    expect(MFCC.deltas(MFCC().coefficients(of: samples, sampleRate: oracle.rate), columns: 13), oracle.deltas)
  }

  @Test("gain has no effect")
  func gain() {
    let mfcc = MFCC()
    let quiet = mfcc.coefficients(of: samples.map { $0 * 0.25 }, sampleRate: 44100)
    for (a, b) in zip(quiet, mfcc.coefficients(of: samples, sampleRate: 44100)) { #expect(abs(a - b) < 1e-3) }
  }

  @Test("silence has finite coefficients")
  func silence() {
    let values = MFCC().coefficients(of: [Float](repeating: 0, count: 2000), sampleRate: 44100)
    #expect(values.count == 8 * 13 && values.allSatisfy { $0.isFinite })
  }
}
