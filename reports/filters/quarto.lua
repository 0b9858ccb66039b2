-- What Quarto numbers, in the embedded engine: figures, tables, equations and sections, the references to them
-- (@fig-, @tbl-, @eq-, @sec-), captions, and the descriptions of pictures. It runs after quarto_blocks.lua.
-- What it does not know stops the rendering: a reader must never see markup.

local NBSP = "\u{00a0}"
local KINDS = {fig = "Figure", tbl = "Table", eq = "Equation", sec = "Section"}
local OWN_KEYS = {fig = "crossref-fig-title", tbl = "crossref-tbl-title", eq = "crossref-eq-prefix", sec = "crossref-sec-prefix"}
local PICTURES = {docx = ".png"}
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

local function quoted(text)
  return '"' .. text:gsub("\\", "\\\\"):gsub('"', '\\"') .. '"'
end

-- ── numbering, in document order ─────────────────────────────────────────────────────────────

local function remember(identifier, number)
  if numbers[identifier] then fail("label #" .. identifier .. " is used twice") end
  numbers[identifier] = number
end

local function counter(kind)
  local last = 0
  return function(identifier)
    if kind_of(identifier) == kind then
      last = last + 1
      remember(identifier, tostring(last))
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

-- Quarto writes the label of an equation behind it; to pandoc it is a word.
local function equation_label(inlines, position)
  local after = position + 1
  while inlines[after] and (inlines[after].t == "Space" or inlines[after].t == "SoftBreak") do after = after + 1 end
  local label = inlines[after] and inlines[after].t == "Str" and inlines[after].text:match("^{#(eq%-[%w%-]+)}$")
  return label, after
end

local function is_display(element)
  return element.t == "Math" and element.mathtype == "DisplayMath"
end

local function number_everything(document)
  local figure, of_table = counter("fig"), counter("tbl")
  document:walk({
    traverse = "topdown",
    Figure = function(element) figure(element.identifier) end,
    Table = function(element) of_table(element.identifier) end,
    Header = section_counter(),
  })
end

local function number_equations(document)
  local equation = counter("eq")
  document:walk({
    traverse = "topdown",
    Inlines = function(inlines)
      for position, element in ipairs(inlines) do
        local label = is_display(element) and equation_label(inlines, position)
        if label then equation(label) end
      end
    end,
  })
end

local function has_math(document)
  local found = false
  document:walk({Math = function() found = true end})
  return found
end

-- ── references ───────────────────────────────────────────────────────────────────────────────

local function reference(citation)
  local identifier = canonical(citation.id)
  local number = numbers[identifier]
  if not number then fail("reference @" .. citation.id .. " has no figure, table, equation or numbered section") end
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

-- ── equations ────────────────────────────────────────────────────────────────────────────────

-- A formula on the printed page needs a description for those who do not see it: its source.
local function printed_math(math, number, label)
  local written = pandoc.write(pandoc.Pandoc({pandoc.Plain({math})}), "typst"):gsub("%s+$", "")
  local options = "block: " .. tostring(math.mathtype == "DisplayMath") .. ", alt: " .. quoted(math.text)
  if number then options = options .. ", numbering: _ => [(" .. number .. ")]" end
  local target = label and "<" .. label .. ">" or ""
  return pandoc.RawInline("typst", "#math.equation(" .. options .. ", " .. written .. ".body)" .. target)
end

local function numbered_math(math, label)
  if FORMAT == "typst" then return printed_math(math, numbers[label], label) end
  math.text = math.text .. " \\qquad(" .. numbers[label] .. ")"
  return pandoc.Span({math}, pandoc.Attr(label))
end

local function equations(inlines)
  local kept, position = pandoc.Inlines({}), 1
  while position <= #inlines do
    local element = inlines[position]
    local label, after = nil, position
    if is_display(element) then label, after = equation_label(inlines, position) end
    if label then
      kept:insert(numbered_math(element, label))
      position = after + 1
    else
      kept:insert(FORMAT == "typst" and element.t == "Math" and printed_math(element) or element)
      position = position + 1
    end
  end
  return kept
end

-- ── captions ─────────────────────────────────────────────────────────────────────────────────

local function with_number(element)
  local number = numbers[element.identifier]
  if not number then return nil end
  local first = element.caption.long[1]
  if not first then fail("#" .. element.identifier .. " has no caption") end
  local numbered = KINDS[kind_of(element.identifier)] .. NBSP .. number .. ":"
  first.content = pandoc.Inlines({pandoc.Str(numbered), pandoc.Space()}) .. first.content
  return element
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
  if column ~= #element.colspecs then fail("#" .. element.identifier .. ": tbl-colwidths does not fit its columns") end
  element.attributes["tbl-colwidths"] = nil
  return element
end

-- ── pictures ─────────────────────────────────────────────────────────────────────────────────

-- A picture without an ending is named as each format wants it. Pandoc gives a description to HTML and Word, but
-- not to typst.
local function picture(image)
  if not image.src:match("%.%w+$") then image.src = image.src .. (PICTURES[FORMAT] or ".svg") end
  local description = image.attributes["fig-alt"] or pandoc.utils.stringify(image.caption)
  if description == "" then fail("picture " .. image.src .. " has no description, its fig-alt") end
  if FORMAT == "typst" then
    local width = image.attributes.width
    local size = width and width:match("^[%d.]+%%$") and ", width: " .. width or ""
    return pandoc.RawInline("typst", "#image(" .. quoted(image.src) .. ", alt: " .. quoted(description) .. size .. ")")
  end
  image.caption = pandoc.Inlines({pandoc.Str(description)})
  image.attributes["fig-alt"] = nil
  return image
end

-- Words of another language stand in the head of the document, where Quarto reads them too.
local function speak(language)
  for kind, key in pairs(OWN_KEYS) do
    if language and language[key] then KINDS[kind] = pandoc.utils.stringify(language[key]) end
  end
end

function Pandoc(document)
  speak(document.meta.language)
  number_everything(document)
  if has_math(document) then  -- to look at every list of words takes longer than all the rest
    number_equations(document)
    document = document:walk({Inlines = equations})
  end
  return document:walk({
    Cite = resolve, Figure = with_number,
    Table = function(element) return with_widths(with_number(element) or element) end,
    Image = picture,
  })
end
