#pragma once

#include <string>
#include <string_view>

namespace tidewatch {

/// A path or name with what varies from request to request replaced by `{id}`: numbers, UUIDs, hashes and long mixed
/// tokens between `/`, `.`, ` ` or `:`. Scheme, host, query and fragment of a URL are dropped. "/orders/17/items?x=1"
/// ->
/// "/orders/{id}/items".
std::string endpoint_template(std::string_view path);

}  // namespace tidewatch
