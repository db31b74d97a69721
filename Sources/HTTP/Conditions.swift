import Foundation

/// What a request asks of content that has an entity tag: whether the client already has it, and which part it wants
/// (RFC 9110, sections 13 and 14).
struct Conditions {
  private let request: Request
  private let tag: String

  /// - Parameter tag: with its quotation marks.
  init(_ request: Request, tag: String) {
    self.request = request
    self.tag = tag
  }

  /// `If-None-Match` names the tag: 304.
  var areMet: Bool {
    (request.header("if-none-match") ?? "").split(separator: ",").contains { item in
      let item = item.trimmingCharacters(in: .whitespaces)
      return item == "*" || item == tag || item == "W/\(tag)"
    }
  }

  /// The single requested range of `size` bytes; nil for all of them: no range, one to be ignored, or `If-Range` with
  /// another tag.
  /// - Throws: a `Refusal` (416) if it lies outside.
  func range(of size: Int) throws -> Range<Int>? {
    guard let asked = request.header("range"), request.header("if-range").map({ $0 == tag }) ?? true,
      let range = ByteRange(asked, of: size)
    else { return nil }
    switch range {
    case .satisfiable(let range): return range
    case .unsatisfiable:
      throw Refusal(
        416, "range_not_satisfiable", "The range is outside the file.", mend: "Ask for bytes that exist.",
        headers: [Header("Content-Range", "bytes */\(size)")])
    }
  }

  static func contentRange(_ range: Range<Int>, of size: Int) -> Header {
    Header("Content-Range", "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)")
  }
}

extension Response {
  /// Content that is made on request, in whole or in part, with conditions and ranges as for a file.
  ///
  /// - Parameters:
  ///   - size: of the whole, in bytes.
  ///   - etag: without quotation marks; changes whenever the bytes do.
  ///   - cache: the `Cache-Control` header.
  ///   - isLasting: whether the content at this address stays the same while the server runs.
  ///   - bytes: makes a range of the content.
  public static func made(
    size: Int, for request: Request, type: String, etag: String, cache: String, isLasting: Bool = false,
    bytes: (Range<Int>) throws -> Data
  ) throws -> Response {
    let tag = "\"\(etag)\""
    let conditions = Conditions(request, tag: tag)
    var headers = [Header("ETag", tag), Header("Cache-Control", cache)]
    if conditions.areMet { return Response(304, headers: headers) }
    headers += [Header("Content-Type", type), Header("Accept-Ranges", "bytes")]
    if let range = try conditions.range(of: size) {
      headers.append(Conditions.contentRange(range, of: size))
      return Response(206, headers: headers, body: try bytes(range))
    }
    var whole = Response(200, headers: headers, body: try bytes(0..<size))
    whole.isLasting = isLasting
    return whole
  }
}
