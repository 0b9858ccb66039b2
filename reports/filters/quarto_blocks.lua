-- Quarto's blocks in the embedded engine: conditional content, callouts, panels of tabs, figure and table divs.
-- It runs before quarto.lua, which numbers what is left. What neither knows stops the rendering: a reader must never
-- see markup.

local FORMATS = {html = "html", html5 = "html", docx = "docx", typst = "typst"}
local CALLOUTS = {
  ["callout-note"] = "Note", ["callout-tip"] = "Tip", ["callout-important"] = "Important",
  ["callout-warning"] = "Warning", ["callout-caution"] = "Caution",
}
local REFUSED = {"^panel%-", "^column", "^callout", "^layout", "^cell", "^aside$", "^margin", "^landscape$",
  "^incremental$", "^nonincremental$", "^notes$", "^hidden$", "^grid$", "^g%-col", "^theorem$", "^proof$"}
local LABELS_REFUSED = {lst = true, alg = true, tip = true, nte = true, wrn = true, imp = true, cau = true,
  thm = true, lem = true, cor = true, prp = true, cnj = true, def = true, exm = true, exr = true, sol = true,
  rem = true}
local panels = 0

local function fail(message)
  io.stderr:write("quarto_blocks.lua: " .. message .. "\n")
  os.exit(84)
end

local function html(text)
  return pandoc.RawBlock("html", text)
end

local function styled(blocks, style)
  return pandoc.Div(blocks, pandoc.Attr("", {}, {["custom-style"] = style}))
end

local function typst_call(name, blocks)
  local content = pandoc.Blocks({pandoc.RawBlock("typst", "#" .. name .. "[")})
  content:extend(blocks)
  content:insert(pandoc.RawBlock("typst", "]"))
  return content
end

-- ── content for some formats ─────────────────────────────────────────────────────────────────

local function fits(element)
  local matches = true
  for name, value in pairs(element.attributes) do
    if name == "when-format" or name == "unless-format" then
      if not FORMATS[value] then fail(name .. "=\"" .. value .. "\" is none of html, docx, typst") end
      matches = matches and (value == FORMATS[FORMAT]) == (name == "when-format")
    else
      fail("conditional content knows when-format and unless-format, found " .. name)
    end
  end
  return matches
end

local function conditional(element)
  if element.classes:includes("content-visible") then return fits(element) and element.content or {} end
  if element.classes:includes("content-hidden") then return fits(element) and {} or element.content end
  return nil
end

-- ── callouts ─────────────────────────────────────────────────────────────────────────────────

local function callout_kind(div)
  for class, default in pairs(CALLOUTS) do
    if div.classes:includes(class) then return class, default end
  end
  return nil
end

-- The title is the attribute, else a heading at the start of the block, else the name of its kind.
local function callout_title(div, default)
  local given = div.attributes.title
  if given then return pandoc.utils.blocks_to_inlines(pandoc.read(given, "markdown").blocks) end
  local first = div.content[1]
  if first and first.t == "Header" then
    div.content:remove(1)
    return first.content
  end
  return pandoc.Inlines({pandoc.Str(default)})
end

local function callout_on_page(div, kind, title)
  local body = pandoc.Div(div.content, pandoc.Attr("", {"callout-body"}))
  local attributes = pandoc.Attr("", {"callout", kind}, {role = "note"})
  local collapse = div.attributes.collapse
  if not collapse then
    local heading = pandoc.Div({pandoc.Para(title)}, pandoc.Attr("", {"callout-title"}))
    return pandoc.Div({heading, body}, attributes)
  end
  local open = collapse == "false" and " open" or ""
  return pandoc.Div({
    html("<details" .. open .. "><summary class=\"callout-title\">"), pandoc.Plain(title), html("</summary>"), body,
    html("</details>"),
  }, attributes)
end

local function callout(div, kind, default)
  local title = callout_title(div, default)
  if FORMAT == "docx" then
    return {styled({pandoc.Para(title)}, "Callout Title"), styled(div.content, "Callout")}
  end
  if FORMAT == "typst" then
    local blocks = pandoc.Blocks({pandoc.Para({pandoc.Strong(title)})})
    blocks:extend(div.content)
    return typst_call("callout", blocks)
  end
  return callout_on_page(div, kind, title)
end

-- ── panels of tabs ───────────────────────────────────────────────────────────────────────────

local function tabs_of(div)
  local tabs, level = {}, nil
  for _, block in ipairs(div.content) do
    if block.t == "Header" and (not level or block.level == level) then
      local title = pandoc.utils.stringify(block.content)
      -- A heading with a number would be counted in Word and PDF, and not in the web page.
      if not block.classes:includes("unnumbered") then fail("tab \"" .. title .. "\" needs {.unnumbered}") end
      level = block.level
      table.insert(tabs, {title = block.content, content = pandoc.Blocks({})})
    elseif #tabs == 0 then
      fail("::: {.panel-tabset} begins with a heading, the title of its first tab")
    else
      tabs[#tabs].content:insert(block)
    end
  end
  return tabs
end

-- One tab is open at a time, without a script: of details with one name a browser opens one.
local function tab_on_page(tab, first)
  local opening = "<details class=\"panel-tab\" name=\"panel-" .. panels .. "\"" .. (first and " open" or "") .. ">"
  local blocks = pandoc.Blocks({html(opening .. "<summary>"), pandoc.Plain(tab.title), html("</summary>")})
  blocks:extend(tab.content)
  blocks:insert(html("</details>"))
  return blocks
end

local function tabset(div)
  panels = panels + 1
  local blocks = pandoc.Blocks({})
  for number, tab in ipairs(tabs_of(div)) do
    if FORMATS[FORMAT] == "html" then
      blocks:extend(tab_on_page(tab, number == 1))
    else
      blocks:insert(pandoc.Para({pandoc.Strong(tab.title)}))
      blocks:extend(tab.content)
    end
  end
  return pandoc.Div(blocks, pandoc.Attr("", {"panel"}))
end

-- ── figures and tables as divs ───────────────────────────────────────────────────────────────

local function caption_of(div)
  local last = div.content[#div.content]
  if #div.content < 2 or last.t ~= "Para" then
    fail("#" .. div.identifier .. " ends with a paragraph, its caption, below what it shows")
  end
  div.content:remove(#div.content)
  return last.content
end

local function figure_div(div)
  local caption = caption_of(div)
  local content = div.content:walk({
    Figure = function(figure)
      if figure.identifier ~= "" then fail("sub-figures are not supported, found #" .. figure.identifier) end
      return figure.content
    end,
  })
  return pandoc.Figure(content, {long = {pandoc.Plain(caption)}}, pandoc.Attr(div.identifier))
end

local function table_div(div)
  local element = div.content[1]
  if #div.content > 2 or element.t ~= "Table" then
    fail("#" .. div.identifier .. " holds one table and its caption; notes stand below the block")
  end
  if #div.content == 2 and #element.caption.long > 0 then
    fail("#" .. div.identifier .. " has two captions, one of its table and one of its block")
  end
  if #div.content == 2 then element.caption.long = {pandoc.Plain(caption_of(div))} end
  element.identifier = div.identifier
  return element
end

-- ── each block ───────────────────────────────────────────────────────────────────────────────

local function refuse_unknown(element)
  local prefix = element.identifier:match("^(%a+)%-")
  if prefix and LABELS_REFUSED[prefix:lower()] then
    fail("the embedded engine does not number #" .. element.identifier)
  end
  for _, class in ipairs(element.classes) do
    for _, pattern in ipairs(REFUSED) do
      if class:match(pattern) then fail("the embedded engine does not know the class ." .. class) end
    end
  end
  for name, _ in pairs(element.attributes) do
    if name:match("^layout") then fail("the embedded engine does not know the attribute " .. name) end
  end
end

local function block(div)
  local kind, default = callout_kind(div)
  if kind then return callout(div, kind, default) end
  if div.classes:includes("panel-tabset") then return tabset(div) end
  if div.identifier:match("^[Ff]ig%-") then return figure_div(div) end
  if div.identifier:match("^[Tt]bl%-") then return table_div(div) end
  refuse_unknown(div)
  return nil
end

local function no_code(code)
  if code.classes[1] and code.classes[1]:match("^{") then fail("code cells are never executed") end
  refuse_unknown(code)
end

-- Words of another language stand in the head of the document, where Quarto reads them too.
local function speak(language)
  for class, _ in pairs(CALLOUTS) do
    local own = language and language[class .. "-title"]
    if own then CALLOUTS[class] = pandoc.utils.stringify(own) end
  end
end

function Pandoc(document)
  speak(document.meta.language)
  document = document:walk({Div = conditional, Span = conditional})
  return document:walk({Div = block, CodeBlock = no_code, Image = refuse_unknown, Header = refuse_unknown})
end
