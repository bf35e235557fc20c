#include "serve/http/connection.h"

#include <fmt/format.h>
#include <httplib.h>

#include <algorithm>
#include <atomic>

#include "core/check.h"
#include "serve/http/request_stream.h"
#include "serve/http/request_watch.h"

namespace anomalyvlm::serve {
namespace {

// What belongs to the request that a thread is working on; the library's handlers know their request alone.
struct Exchange {
  const RequestHead& head;
  RequestStream& stream;
  Request& request;
  Response response;

  // The connection can serve another request.
  // Not after chunks: the library reads their lengths less strictly than proxies may.
  bool is_clean() const { return stream.length_was_read(); }
};
thread_local Exchange* current_exchange = nullptr;

void copy_request(const httplib::Request& from, Request& to) {
  to.method = from.method == "HEAD" ? "GET" : from.method;
  to.path = from.path;
  to.query = {from.params.begin(), from.params.end()};
}

void read_body(const httplib::Request& from, const httplib::ContentReader& reader, const Limits& limits,
               Exchange& exchange) {
  Request& request = exchange.request;
  std::size_t bytes = 0;
  bool too_large = false, too_many = false;
  const auto append = [&](std::string& to, const char* data, std::size_t size) {
    bytes += size;
    too_large = bytes > limits.body_bytes;
    if (!too_large) to.append(data, size);
    return !too_large;
  };
  const bool read =
      from.is_multipart_form_data()
          ? reader(
                [&](const httplib::MultipartFormData& part) {
                  too_many = request.parts.size() >= static_cast<std::size_t>(limits.parts);
                  if (!too_many) request.parts.push_back({part.name, part.filename, part.content_type, {}});
                  return !too_many;
                },
                [&](const char* data, std::size_t size) {
                  return append(request.parts.back().bytes, data, size);
                })
          : reader([&](const char* data, std::size_t size) { return append(request.body, data, size); });
  if (exchange.stream.timed_out())
    throw HttpError(408, "too_slow", "The request's body took too long to arrive.");
  if (too_large)
    throw HttpError(413, "body_too_large",
                    fmt::format("The body has more than the {} bytes that are allowed.", limits.body_bytes));
  if (too_many)
    throw HttpError(413, "too_many_parts",
                    fmt::format("The body has more than the {} parts that are allowed.", limits.parts));
  if (!read)
    throw HttpError(400, "malformed_body",
                    "The body ends early, or is not of the type and encoding that its headers say.");
}

// The body goes: it may be large, and nobody needs it afterwards.
void hand_over(Response& from, httplib::Response& to) {
  to.status = from.status;
  for (const auto& [name, value] : from.headers) to.set_header(name, value);
  if (!from.content_type.empty()) to.set_header("Content-Type", from.content_type);
  to.body = std::move(from.body);
}

}  // namespace

// The library's own server without its sockets and threads: those have no limits in time. It reads what
// RequestStream gives it, and writes the answers.
struct ConnectionServer::Impl : httplib::Server {
  Application& application;
  const Limits& limits;
  RequestWatch watch;
  std::atomic<bool> stopping = false;

  Impl(Application& a, const Limits& l) : application(a), limits(l) {
    const std::string any = ".*";
    const auto without_body = [this](const httplib::Request& from, httplib::Response& to) {
      answer(from, nullptr, to);
    };
    const auto with_body = [this](const httplib::Request& from, httplib::Response& to,
                                  const httplib::ContentReader& reader) { answer(from, &reader, to); };
    Get(any, without_body);
    Options(any, without_body);
    Post(any, with_body);
    Put(any, with_body);
    Patch(any, with_body);
    Delete(any, with_body);
    set_payload_max_length(limits.body_bytes);
    set_error_handler([this](const httplib::Request&, httplib::Response& to) { complete(to); });
    set_post_routing_handler([this](const httplib::Request&, httplib::Response& to) { set_connection(to); });
  }

  void answer(const httplib::Request& from, const httplib::ContentReader* reader, httplib::Response& to) {
    Exchange& exchange = *current_exchange;
    copy_request(from, exchange.request);
    try {
      if (reader != nullptr) read_body(from, *reader, limits, exchange);
      exchange.response = application.handle(exchange.request);
    } catch (const HttpError& error) {
      exchange.response = application.refusal(error);
    }
    hand_over(exchange.response, to);
  }

  // What the library refuses by itself has no body.
  void complete(httplib::Response& to) {
    Exchange& exchange = *current_exchange;
    if (!to.body.empty() || exchange.response.status >= 400) return;
    exchange.response =
        application.refusal(HttpError(to.status, "malformed_request", "The request is malformed."));
    hand_over(exchange.response, to);
  }

  void set_connection(httplib::Response& to) {
    to.headers.erase("Keep-Alive");
    to.headers.erase("Accept-Ranges");
    if (to.status == 204 || to.status == 304) to.headers.erase("Content-Length");  // they have no body at all
    if (current_exchange->head.keep_alive && current_exchange->is_clean() && !stopping) return;
    to.headers.erase("Connection");
    to.set_header("Connection", "close");
  }

  // Of a request that the library never sees.
  void refuse(Wire& wire, const Response& response, const std::string& method, Request& request) {
    const std::string text = refusal_text(response, method != "HEAD");
    const bool sent = wire.write(text.data(), text.size(), limits.write_time);
    application.finished(request, response, {0, sent ? text.size() : 0, !sent});
  }

  void serve(Wire& wire) {
    Incoming incoming(wire);
    const std::string address = wire.address();
    // A connection that was accepted has its request answered, whatever happens.
    for (bool first = true; wait_for_request(wire, incoming, first); first = false) {
      Request request;
      RequestHead head;
      try {
        head = read_head(incoming);
      } catch (const HttpError& error) {
        request.client = address;
        refuse(wire, application.refusal(error), head.method, request);
        return;
      } catch (const Closed&) {
        return;
      }
      if (!serve_one(wire, incoming, address, head, request)) return;
    }
  }

  // False: none came.
  bool wait_for_request(Wire& wire, Incoming& incoming, bool first) {
    constexpr std::chrono::milliseconds kSlice(100);  // after which it sees that the server stops
    constexpr std::chrono::seconds kFirst(1);         // for a request that is on its way
    const Clock::time_point start = Clock::now();
    while (incoming.bytes().empty() && !wire.wait_readable(Clock::now() + kSlice)) {
      const Clock::time_point now = Clock::now();
      if (now - start >= limits.idle_time || (stopping && (!first || now - start >= kFirst))) return false;
    }
    return first || !stopping;
  }

  struct Closed {};

  RequestHead read_head(Incoming& incoming) {
    const Clock::time_point until = Clock::now() + limits.head_time;
    for (;;) {
      std::string& bytes = incoming.bytes();
      // Empty lines before a request are skipped (RFC 9112, 2.2).
      while (bytes.starts_with("\r\n")) incoming.drop(2);
      const auto end = end_of_head(bytes);
      if (end.value_or(bytes.size()) > limits.head_bytes)
        throw HttpError(431, "head_too_large",
                        fmt::format("The request's head has more than {} bytes.", limits.head_bytes));
      if (end) {
        const RequestHead head = parse_head(std::string_view(bytes).substr(0, *end), limits);
        incoming.drop(*end);
        return head;
      }
      try {
        if (!incoming.fill(until)) throw Closed();
      } catch (const Wire::TimeOut&) {
        throw HttpError(408, "too_slow", "The request's headers took too long to arrive.");
      }
    }
  }

  // False: the connection is to be closed.
  bool serve_one(Wire& wire, Incoming& incoming, const std::string& address, const RequestHead& head,
                 Request& request) {
    request.method = head.method;
    request.path = head.path();
    for (const auto& [name, value] : head.headers) request.headers.emplace(name, value);
    if (const auto refused = application.admit(head, address, request)) {
      refuse(wire, *refused, head.method, request);
      return false;
    }
    RequestWatch::Entry watched(watch, wire.descriptor(), Clock::time_point::max());
    request.stop = watched.token();
    request.finish_by = [&](Clock::time_point deadline) { watched.set_deadline(deadline); };
    RequestStream stream(wire, incoming, head, limits);
    Exchange exchange{head, stream, request, {}};
    current_exchange = &exchange;
    bool closed = !head.keep_alive;
    const bool written = process_request(stream, false, closed, {});
    current_exchange = nullptr;
    request.body.clear();
    request.parts.clear();
    application.finished(request, exchange.response,
                         {stream.received(), stream.sent(), watched.client_has_gone() || stream.failed()});
    return written && !closed && exchange.is_clean() && !stream.failed();
  }
};

std::string refusal_text(const Response& response, bool with_body) {
  std::string text = fmt::format("HTTP/1.1 {} Refused\r\n", response.status);
  for (const auto& [name, value] : response.headers) text += fmt::format("{}: {}\r\n", name, value);
  text += fmt::format("Content-Type: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                      response.content_type, response.body.size());
  return with_body ? text + response.body : text;
}

ConnectionServer::ConnectionServer(Application& application, const Limits& limits)
    : impl_(std::make_unique<Impl>(application, limits)) {}
ConnectionServer::~ConnectionServer() = default;
void ConnectionServer::serve(Wire& wire) { impl_->serve(wire); }
void ConnectionServer::stop() { impl_->stopping = true; }
void ConnectionServer::stop_requests() { impl_->watch.stop_all(); }

}  // namespace anomalyvlm::serve
