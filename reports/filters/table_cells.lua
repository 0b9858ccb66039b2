-- Tables of the web page as a screen reader and a phone want them: every header cell says what it is the header of, the
-- first cell of a row is one, the rows below a heading are a group, and a wide table scrolls in a region with a name.
-- Both engines load it by `filters:` of the format html, behind what numbers the captions.

local EM_SPACE = "\u{2003}"

local function scoped(cell, scope)
  cell.attr.attributes.scope = scope
end

local function words(cell)
  return pandoc.utils.stringify(cell.contents)
end

local function begins_a_group(row)
  local first = row.cells[1].contents[1]
  return first and first.content and first.content[1] and first.content[1].t == "Strong"
end

-- A heading that stands alone in its row reaches over the whole row.
local function over_the_row(row)
  for place = 2, #row.cells do
    if words(row.cells[place]) ~= "" then return end
  end
  row.cells[1].col_span = #row.cells
  row.cells = {row.cells[1]}
end

local function grouped(rows)
  local groups = {}
  for _, row in ipairs(rows) do
    local heading = begins_a_group(row)
    local indented = words(row.cells[1]):sub(1, #EM_SPACE) == EM_SPACE
    if indented then row.cells[1].attr.classes:insert("indented") end
    if heading or #groups == 0 or not indented then groups[#groups + 1] = {} end
    scoped(row.cells[1], heading and "rowgroup" or "row")
    if heading then over_the_row(row) end
    table.insert(groups[#groups], row)
  end
  return groups
end

local function body_of(rows, attributes)
  return {attr = attributes, row_head_columns = 1, head = {}, body = rows}
end

local function with_scopes(element)
  for _, row in ipairs(element.head.rows) do
    for _, cell in ipairs(row.cells) do scoped(cell, "col") end
  end
  local bodies = {}
  for _, body in ipairs(element.bodies) do
    for _, rows in ipairs(grouped(body.body)) do bodies[#bodies + 1] = body_of(rows, body.attr) end
  end
  element.bodies = bodies
  return element
end

-- A supplementary table has its caption in the block above, which has an identifier.
local function name_of(element, before)
  if before and before.t == "Div" and before.identifier ~= "" then return "aria-labelledby", before.identifier end
  local caption = pandoc.utils.stringify(element.caption.long)
  return "aria-label", caption ~= "" and caption or "Table"
end

-- The block above, past those that are for the printed page alone.
local function above(blocks, place)
  local before = place - 1
  while before > 0 and blocks[before].t == "RawBlock" do before = before - 1 end
  return blocks[before]
end

function Blocks(blocks)
  for place, block in ipairs(blocks) do
    if block.t == "Table" then
      local attribute, name = name_of(block, above(blocks, place))
      -- pairs, whose order is kept: equal documents give equal pages
      local region = pandoc.Attr("", {"table-region"}, {{"role", "region"}, {"tabindex", "0"}, {attribute, name}})
      blocks[place] = pandoc.Div({with_scopes(block)}, region)
    end
  end
  return blocks
end
