import Basics
import CSndfile
import Foundation

/// Reads and writes sound files through libsndfile. No other file of Earshot calls it.
public enum AudioFile {
  /// What a file says of itself, without decoding it.
  public struct Info: Sendable, Equatable {
    public var frameCount: Int
    public var sampleRate: Int
    public var channelCount: Int
  }

  public enum Encoding: Sendable {
    case flac16, flac24, wav16, wavFloat

    fileprivate var format: Int32 {
      switch self {
      case .flac16: Int32(SF_FORMAT_FLAC | SF_FORMAT_PCM_16)
      case .flac24: Int32(SF_FORMAT_FLAC | SF_FORMAT_PCM_24)
      case .wav16: Int32(SF_FORMAT_WAV | SF_FORMAT_PCM_16)
      case .wavFloat: Int32(SF_FORMAT_WAV | SF_FORMAT_FLOAT)
      }
    }
  }

  /// Longer files are refused: nothing that Earshot plays comes near it, and a broken header may promise anything.
  public static let longest: Double = 600

  public static func info(_ url: URL) throws -> Info {
    let file = try Handle(reading: url)
    return Info(
      frameCount: Int(file.info.frames), sampleRate: Int(file.info.samplerate), channelCount: Int(file.info.channels))
  }

  /// Decodes a whole file. What was decoded counts, not what the header promised.
  /// - Throws: a `Problem` that names the file when it cannot be opened, decodes to nothing, or is longer than
  ///   `longest` seconds.
  public static func read(_ url: URL) throws -> Clip {
    let file = try Handle(reading: url)
    let channelCount = Int(file.info.channels)
    let rate = Int(file.info.samplerate)
    guard channelCount > 0, rate > 0 else { throw file.problem("has no channels", mend: "Convert it to WAV or FLAC.") }
    let limit = Int(longest * Double(rate))
    var channels = [[Float]](repeating: [], count: channelCount)
    let block = 16384
    var buffer = [Float](repeating: 0, count: block * channelCount)
    while true {
      let got = Int(sf_readf_float(file.pointer, &buffer, sf_count_t(block)))
      guard got > 0 else { break }
      for c in 0..<channelCount {
        channels[c].reserveCapacity(channels[c].count + got)
        for i in 0..<got { channels[c].append(buffer[i * channelCount + c]) }
      }
      if channels[0].count > limit {
        throw file.problem("is longer than \(Int(longest)) s", mend: "Cut out the part that is to be heard.")
      }
    }
    guard !channels[0].isEmpty else {
      throw file.problem("decodes to nothing", mend: "Check that it plays, or leave it out.")
    }
    return Clip(channels: channels, sampleRate: rate)
  }

  /// Writes a clip; samples beyond full scale are clipped, not wrapped. An existing file is replaced.
  public static func write(_ clip: Clip, to url: URL, as encoding: Encoding) throws {
    var info = SF_INFO()
    info.samplerate = Int32(clip.sampleRate)
    info.channels = Int32(clip.channels.count)
    info.format = encoding.format
    let file = try Handle(writing: url, info: info)
    sf_command(file.pointer, Int32(SFC_SET_CLIPPING), nil, Int32(SF_TRUE))
    let channelCount = clip.channels.count
    var interleaved = [Float](repeating: 0, count: clip.frameCount * channelCount)
    for (c, samples) in clip.channels.enumerated() {
      for (i, sample) in samples.enumerated() { interleaved[i * channelCount + c] = sample }
    }
    let written = sf_writef_float(file.pointer, interleaved, sf_count_t(clip.frameCount))
    guard written == sf_count_t(clip.frameCount) else {
      throw file.problem("could not be written whole", mend: "Is the disk full?")
    }
  }

  /// Owns one libsndfile handle from open to close.
  private final class Handle {
    let pointer: OpaquePointer
    private(set) var info: SF_INFO
    private let path: String

    init(reading url: URL) throws {
      path = url.path
      info = SF_INFO()
      guard let pointer = sf_open(path, Int32(SFM_READ), &info) else {
        let exists = FileManager.default.isReadableFile(atPath: path)
        throw Problem(
          exists ? "not a sound file that can be read: \(String(cString: sf_strerror(nil)))" : "there is no such file",
          at: Place(file: path), mend: exists ? "Convert it to WAV or FLAC, or leave it out." : "Check the path.")
      }
      self.pointer = pointer
    }

    init(writing url: URL, info: SF_INFO) throws {
      path = url.path
      self.info = info
      guard let pointer = sf_open(path, Int32(SFM_WRITE), &self.info) else {
        throw Problem(
          "cannot write a sound file: \(String(cString: sf_strerror(nil)))", at: Place(file: path),
          mend: "Check that the folder exists and that the disk has room.")
      }
      self.pointer = pointer
    }

    func problem(_ what: String, mend: String) -> Problem {
      Problem("the sound file \(what)", at: Place(file: path), mend: mend)
    }

    deinit { sf_close(pointer) }
  }
}
