-- Health of a LoomVideo for Argo CD; the text of argocd-cm.yaml.
local function condition(type)
  for _, each in ipairs((obj.status or {}).conditions or {}) do
    if each.type == type then
      return each
    end
  end
end

local ready = condition("Ready")
-- Of a status that speaks of an earlier spec nothing follows for this one.
local seen = ready ~= nil and obj.status.observedGeneration == obj.metadata.generation
if not seen then
  return { status = "Progressing", message = "Waiting for the operator" }
end
local message = ready.reason .. ": " .. (ready.message or "")
local stalled = condition("Stalled")
if stalled ~= nil and stalled.status == "True" then
  return { status = "Degraded", message = message }
end
if ready.status == "True" then
  return { status = "Healthy", message = message }
end
if obj.status.phase == "Suspended" then
  return { status = "Suspended", message = message }
end
return { status = "Progressing", message = message }
