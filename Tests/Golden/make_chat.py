"""Writes chat.json: what `transformers` makes of conversations and values with chat templates."""

import json
from pathlib import Path

import jinja2
from transformers.utils.chat_template_utils import render_jinja_template

from chat_templates import CONVERSATIONS, FAMILIES, FEATURES, VALUES

OUTPUT = Path(__file__).parent / "chat.json"
TOKENS = {"bos_token": "<s>", "eos_token": "</s>"}
CALL = {"function": {"name": "weather", "arguments": {"place": "K\u00f6ln", "days": 2}}}
TOOLS = [{"type": "function", "function": {"name": "weather", "parameters": {"place": {"type": "string"}}}}]


def rendered(template, messages, **values):
    """The text, or null where the template cannot be read or filled in."""
    try:
        texts, _ = render_jinja_template([messages], chat_template=template, **values)
        return texts[0]
    except (jinja2.TemplateError, TypeError, ZeroDivisionError, ValueError, AttributeError):
        return None


def main():
    cases = []

    def add(name, template, messages, generates=False, **extra):
        values = {"add_generation_prompt": generates} | extra
        text = rendered(template, messages, **values)
        cases.append(
            {"name": name, "template": template, "messages": messages, "generates": generates, "extra": extra, "text": text}
        )

    for name, template in FAMILIES.items():
        for conversation in CONVERSATIONS:
            messages = [{"role": role, "content": content} for role, content in conversation]
            for generates in (False, True):
                add(name, template, messages, generates, **TOKENS)
    called = [
        {"role": "user", "content": "Rain?"},
        {"role": "assistant", "content": "", "tool_calls": [CALL]},
        {"role": "tool", "content": "no"},
        {"role": "assistant", "content": "No rain.", "reasoning_content": "It said no."},
    ]
    for name in ("llama3", "qwen2.5", "thinking", "mistral"):
        add(name, FAMILIES[name], called, True, tools=TOOLS, **TOKENS)
        add(name, FAMILIES[name], called[:1], True, enable_thinking=False, date_string="1 Jan 2025", **TOKENS)
    for template in FEATURES:
        add("feature", template, [], **VALUES)
    OUTPUT.write_text("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")
    refused = [case["template"] for case in cases if case["text"] is None and case["name"] == "feature"]
    print(len(cases), "cases;", len(refused), "features refused:", refused)


if __name__ == "__main__":
    main()
