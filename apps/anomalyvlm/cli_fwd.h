#pragma once
// Names of CLI11, for headers: its own takes seconds to compile.
namespace CLI {
class App;
class Option;
class ParseError;
class Validator;
}  // namespace CLI
