-- The part of Quarto's Markdown that the embedded engine understands, on top of pandoc's:
-- numbered figures and tables, @fig- and @tbl- and @sec- references, callouts, conditional content, fig-alt.
-- What it does not know stops the rendering: a reader must never see markup.

local NBSP = "\u{00a0}"
local KINDS = {fig = "Figure", tbl = "Table", sec = "Section"}
local CALLOUTS = {
  ["callout-note"] = "Note", ["callout-tip"] = "Tip", ["callout-important"] = "Important",
  ["callout-warning"] = "Warning", ["callout-caution"] = "Caution",
}
local numbers = {}

local function fail(message)
  io.stderr:write("quarto.lua: " .. message .. "\n")
  os.exit(84)
end

local function kind_of(identifier)
  local prefix = identifier:match("^(%a+)%-")
  return prefix and KINDS[prefix:lower()] and prefix:lower() or nil
end

local function canonical(identifier)
  return (identifier:gsub("^%a+", string.lower))
end

-- ── numbering, in document order ─────────────────────────────────────────────────────────────

local function remember(identifier, number)
  if numbers[identifier] then fail("label " .. identifier .. " is used twice") end
  numbers[identifier] = number
end

local function counter(kind)
  local last = 0
  return function(element)
    if kind_of(element.identifier) == kind then
      last = last + 1
      remember(element.identifier, tostring(last))
    end
  end
end

local function section_counter()
  local levels = {}
  return function(header)
    if header.classes:includes("unnumbered") then return end
    for level = header.level + 1, #levels do levels[level] = nil end
    for level = #levels + 1, header.level do levels[level] = 0 end
    levels[header.level] = levels[header.level] + 1
    if kind_of(header.identifier) == "sec" then remember(header.identifier, table.concat(levels, ".")) end
  end
end

local function number_everything(document)
  document:walk({
    traverse = "topdown",
    Figure = counter("fig"), Table = counter("tbl"), Header = section_counter(),
  })
end

-- ── references ───────────────────────────────────────────────────────────────────────────────

local function reference(citation)
  local identifier = canonical(citation.id)
  local number = numbers[identifier]
  if not number then fail("reference @" .. citation.id .. " has no figure, table or numbered section") end
  local bare = citation.mode == "SuppressAuthor"
  local text = bare and number or KINDS[kind_of(identifier)] .. NBSP .. number
  return pandoc.Link(pandoc.Str(text), "#" .. identifier, "", pandoc.Attr("", {"quarto-xref"}))
end

local function resolve(cite)
  local ours = 0
  for _, citation in ipairs(cite.citations) do
    if kind_of(citation.id) then ours = ours + 1 end
  end
  if ours == 0 then return nil end
  if ours < #cite.citations then
    fail("write a reference and a citation apart, found " .. pandoc.utils.stringify(cite.content))
  end
  local inlines = pandoc.Inlines({})
  for position, citation in ipairs(cite.citations) do
    if #citation.prefix > 0 or #citation.suffix > 0 then fail("text beside reference @" .. citation.id) end
    if position > 1 then inlines:extend({pandoc.Str(","), pandoc.Space()}) end
    inlines:insert(reference(citation))
  end
  return inlines
end

-- ── captions ─────────────────────────────────────────────────────────────────────────────────

-- Word fills a list of figures from SEQ fields; every other format takes the number as text.
local function numbered(label, number)
  if FORMAT ~= "docx" then return pandoc.Inlines({pandoc.Str(label .. NBSP .. number .. ":"), pandoc.Space()}) end
  local field = '<w:fldSimple w:instr=" SEQ ' .. label .. ' \\* ARABIC "><w:r><w:t>' .. number .. '</w:t></w:r></w:fldSimple>'
  return pandoc.Inlines({
    pandoc.Str(label .. NBSP), pandoc.RawInline("openxml", field), pandoc.Str(":"), pandoc.Space(),
  })
end

local function with_number(element)
  local number = numbers[element.identifier]
  if not number then return nil end
  local first = element.caption.long[1]
  if not first then fail(element.identifier .. " has no caption") end
  first.content = numbered(KINDS[kind_of(element.identifier)], number) .. first.content
  return element
end

local function quoted(text)
  return '"' .. text:gsub("\\", "\\\\"):gsub('"', '\\"') .. '"'
end

-- pandoc gives a description to HTML and Word, but not to typst.
local function alternative_text(image)
  local description = image.attributes["fig-alt"]
  if not description then return image end
  if FORMAT == "typst" then
    local width = image.attributes.width
    local size = width and width:match("^[%d.]+%%$") and ", width: " .. width or ""
    return pandoc.RawInline("typst", "#image(" .. quoted(image.src) .. ", alt: " .. quoted(description) .. size .. ")")
  end
  image.caption = pandoc.Inlines({pandoc.Str(description)})
  image.attributes["fig-alt"] = nil
  return image
end

-- tbl-colwidths="[40,60]": the share of the page of each column, in percent.
local function with_widths(element)
  local widths = element.attributes["tbl-colwidths"]
  if not widths then return element end
  local column = 0
  for width in widths:gmatch("%d+%.?%d*") do
    column = column + 1
    if element.colspecs[column] then element.colspecs[column][2] = tonumber(width) / 100 end
  end
  if column ~= #element.colspecs then fail(element.identifier .. ": tbl-colwidths does not fit its columns") end
  element.attributes["tbl-colwidths"] = nil
  return element
end

-- ── blocks ───────────────────────────────────────────────────────────────────────────────────

local function callout_body(div, kind, title)
  if FORMAT == "docx" then
    local heading = pandoc.Div({pandoc.Para({pandoc.Str(title)})}, pandoc.Attr("", {}, {["custom-style"] = "Callout Title"}))
    return {heading, pandoc.Div(div.content, pandoc.Attr("", {}, {["custom-style"] = "Callout"}))}
  end
  if FORMAT == "typst" then
    local blocks = pandoc.Blocks({pandoc.RawBlock("typst", "#callout[")})
    blocks:insert(pandoc.Para({pandoc.Strong({pandoc.Str(title)})}))
    blocks:extend(div.content)
    blocks:insert(pandoc.RawBlock("typst", "]"))
    return blocks
  end
  local heading = pandoc.Div({pandoc.Para({pandoc.Str(title)})}, pandoc.Attr("", {"callout-title"}))
  local body = pandoc.Div(div.content, pandoc.Attr("", {"callout-body"}))
  return pandoc.Div({heading, body}, pandoc.Attr(div.identifier, {"callout", kind}, {role = "note"}))
end

local function shown(div)
  local wanted = {html5 = "html", html = "html", docx = "docx", typst = "typst"}
  local condition, exception = div.attributes["when-format"], div.attributes["unless-format"]
  local fits = (not condition or condition == wanted[FORMAT]) and (not exception or exception ~= wanted[FORMAT])
  if div.classes:includes("content-hidden") then return not fits end
  return fits
end

local function block(div)
  for class, default in pairs(CALLOUTS) do
    if div.classes:includes(class) then return callout_body(div, class, div.attributes.title or default) end
  end
  if div.classes:includes("content-visible") or div.classes:includes("content-hidden") then
    return shown(div) and div.content or {}
  end
  return nil
end

-- ── what this engine does not know ───────────────────────────────────────────────────────────

local function known_div(div)
  for _, class in ipairs(div.classes) do
    if class:match("^panel%-") or class:match("^column") or class == "cell" or class == "theorem" then
      fail("the embedded engine does not know ::: {." .. class .. "}")
    end
  end
  for name, _ in pairs(div.attributes) do
    if name:match("^layout") then fail("the embedded engine does not know the attribute " .. name) end
  end
  if kind_of(div.identifier) then fail("the embedded engine takes " .. div.identifier .. " from an image or a table, not a div") end
end

local function no_code(code)
  if code.classes[1] and code.classes[1]:match("^{") then fail("code cells are never executed") end
end

function Pandoc(document)
  document:walk({Div = known_div, CodeBlock = no_code})
  document = document:walk({Div = block})
  number_everything(document)
  return document:walk({
    Cite = resolve, Figure = with_number,
    Table = function(element) return with_widths(with_number(element) or element) end,
    Image = alternative_text,
  })
end
