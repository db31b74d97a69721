import Basics
import Foundation

extension Response {
  /// With an entity tag made from its bytes; 304 for clients that already have them.
  public func tagged(for request: Request) -> Response {
    guard status == 200, case .bytes(let bytes) = body else { return self }
    let tag = "\"\(ContentHash.of(bytes).prefix(32))\""
    var response = Conditions(request, tag: tag).areMet ? Response(304) : self
    response.headers.append(Header("ETag", tag))
    return response
  }
}
