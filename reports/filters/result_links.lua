-- In the web page every number is a link to its place on the audit page. Its attributes say where it comes from; the
-- style sheet shows them when the link is pointed at or has the keyboard's focus. Other formats never load this filter.

local AUDIT_PAGE = "audit.html"
local times_shown = {}

-- The audit page leads back: to the nth sentence that shows a key at `<key>:<n>`, to a table's cell at `<key>:cell<n>`.
local function place(key, in_sentence)
  local name = key .. (in_sentence and ":" or ":cell")
  times_shown[name] = (times_shown[name] or 0) + 1
  return name .. times_shown[name]
end

-- A number of a sentence has its format with it; a cell shows several numbers and leads to the first.
local function number(span)
  local keys, source = span.attributes.key, span.attributes.source
  local first = keys:match("%S+")
  local attributes = pandoc.AttributeList(span.attributes)
  attributes["aria-description"] = keys .. "; " .. source
  local attr = pandoc.Attr(place(first, span.attributes.fmt), {"result"}, attributes)
  return pandoc.Link(span.content, AUDIT_PAGE .. "#" .. first, "", attr)
end

function Span(span)
  if span.classes:includes("result") then return number(span) end
  if span.classes:includes("audit-page") then return pandoc.Link(span.content, AUDIT_PAGE) end
  return nil
end
