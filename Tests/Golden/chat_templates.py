"""Chat templates in the ways that model families write them, in a short form of our own, and features one by one."""

# Each family's own habits: how it strips white space, where system messages go, what it refuses.
FAMILIES = {
    "chatml": (
        "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}"
        "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
    ),
    "default-system": (
        "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
        "{{ '<|im_start|>system\nBe helpful.<|im_end|>\n' }}{% endif %}"
        "{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
        "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
    ),
    "llama2": """\
{% if messages[0]['role'] == 'system' %}
{% set loop_messages = messages[1:] %}
{% set system_message = messages[0]['content'] %}
{% else %}
{% set loop_messages = messages %}
{% set system_message = false %}
{% endif %}
{% for message in loop_messages %}
{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}
{{ raise_exception('Roles must alternate: user, assistant, user, ...') }}
{% endif %}
{% if loop.index0 == 0 and system_message != false %}
{% set content = '<<SYS>>\\n' + system_message + '\\n<</SYS>>\\n\\n' + message['content'] %}
{% else %}
{% set content = message['content'] %}
{% endif %}
{% if message['role'] == 'user' %}
{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}
{% elif message['role'] == 'assistant' %}
{{ ' '  + content.strip() + ' ' + eos_token }}
{% endif %}
{% endfor %}
""",
    "llama3": """\
{{- bos_token }}
{%- if not date_string is defined %}
    {%- set date_string = "26 Jul 2024" %}
{%- endif %}
{%- if tools is not none and tools | length > 0 %}{%- set has_tools = true %}{%- else %}{%- set has_tools = false %}{%- endif %}
{#- A system message of its own, if there is one. #}
{%- if messages[0]['role'] == 'system' %}
    {%- set system_message = messages[0]['content'] | trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set system_message = "" %}
{%- endif %}
{{- "<|start_header_id|>system<|end_header_id|>\\n\\n" }}
{%- if has_tools %}
    {{- "Environment: ipython\\n" }}
    {%- for t in tools %}
        {{- t | tojson(indent=4) }}
        {{- "\\n\\n" }}
    {%- endfor %}
{%- endif %}
{{- "Today Date: " + date_string + "\\n\\n" }}
{{- system_message }}
{{- "<|eot_id|>" }}
{%- for message in messages %}
    {%- if not (message.role == 'ipython' or message.role == 'tool' or 'tool_calls' in message) %}
        {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n'+ message['content'] | trim + '<|eot_id|>' }}
    {%- elif 'tool_calls' in message %}
        {%- if not message.tool_calls|length == 1 %}
            {{- raise_exception("This model only supports single tool-calls at once!") }}
        {%- endif %}
        {%- set tool_call = message.tool_calls[0].function %}
        {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' -}}
        {{- '{"name": "' + tool_call.name + '", ' }}
        {{- '"parameters": ' }}
        {{- tool_call.arguments | tojson }}
        {{- "}" }}
        {{- "<|eot_id|>" }}
    {%- elif message.role == "tool" or message.role == "ipython" %}
        {{- "<|start_header_id|>ipython<|end_header_id|>\\n\\n" }}
        {%- if message.content is mapping or (message.content is iterable and message.content is not string) %}
            {{- message.content | tojson }}
        {%- else %}
            {{- message.content }}
        {%- endif %}
        {{- "<|eot_id|>" }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}
{%- endif %}
""",
    "mistral": """\
{%- if messages[0]["role"] == "system" %}
    {%- set system_message = messages[0]["content"] %}
    {%- set loop_messages = messages[1:] %}
{%- else %}
    {%- set loop_messages = messages %}
{%- endif %}
{%- set user_messages = loop_messages | selectattr("role", "equalto", "user") | list %}
{%- set ns = namespace() %}
{%- set ns.index = 0 %}
{%- for message in loop_messages %}
    {%- if not (message.role == "tool" or (message.tool_calls is defined and message.tool_calls is not none)) %}
        {%- if (message["role"] == "user") != (ns.index % 2 == 0) %}
            {{- raise_exception("After the optional system message, conversation roles must alternate user/assistant/user/assistant/...") }}
        {%- endif %}
        {%- set ns.index = ns.index + 1 %}
    {%- endif %}
{%- endfor %}
{{- bos_token }}
{%- for message in loop_messages %}
    {%- if message["role"] == "user" %}
        {%- if loop.last and system_message is defined %}
            {{- "[INST] " + system_message + "\\n\\n" + message["content"] + "[/INST]" }}
        {%- else %}
            {{- "[INST] " + message["content"] + "[/INST]" }}
        {%- endif %}
    {%- elif message["role"] == "assistant" %}
        {{- " " + message["content"]|trim + eos_token}}
    {%- else %}
        {{- raise_exception("Only user and assistant roles are supported, with the exception of an initial optional system message!") }}
    {%- endif %}
{%- endfor %}
""",
    "qwen2.5": """\
{%- if tools %}
    {{- '<|im_start|>system\\n' }}
    {%- if messages[0]['role'] == 'system' %}
        {{- messages[0]['content'] }}
    {%- else %}
        {{- 'You are a helpful assistant.' }}
    {%- endif %}
    {{- "\\n\\n# Tools\\n\\n<tools>" }}
    {%- for tool in tools %}
        {{- "\\n" }}
        {{- tool | tojson }}
    {%- endfor %}
    {{- "\\n</tools><|im_end|>\\n" }}
{%- else %}
    {%- if messages[0]['role'] == 'system' %}
        {{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}
    {%- else %}
        {{- '<|im_start|>system\\nYou are a helpful assistant.<|im_end|>\\n' }}
    {%- endif %}
{%- endif %}
{%- for message in messages %}
    {%- if (message.role == "user") or (message.role == "system" and not loop.first) or (message.role == "assistant" and not message.tool_calls) %}
        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}
    {%- elif message.role == "assistant" %}
        {{- '<|im_start|>' + message.role }}
        {%- if message.content %}
            {{- '\\n' + message.content }}
        {%- endif %}
        {%- for tool_call in message.tool_calls %}
            {%- if tool_call.function is defined %}
                {%- set tool_call = tool_call.function %}
            {%- endif %}
            {{- '\\n<tool_call>\\n{"name": "' }}
            {{- tool_call.name }}
            {{- '", "arguments": ' }}
            {{- tool_call.arguments | tojson }}
            {{- '}\\n</tool_call>' }}
        {%- endfor %}
        {{- '<|im_end|>\\n' }}
    {%- elif message.role == "tool" %}
        {%- if (loop.index0 == 0) or (messages[loop.index0 - 1].role != "tool") %}
            {{- '<|im_start|>user' }}
        {%- endif %}
        {{- '\\n<tool_response>\\n' }}
        {{- message.content }}
        {{- '\\n</tool_response>' }}
        {%- if loop.last or (messages[loop.index0 + 1].role != "tool") %}
            {{- '<|im_end|>\\n' }}
        {%- endif %}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}
""",
    "thinking": """\
{%- set ns = namespace(multi_step_tool=true, last_query_index=messages|length - 1) %}
{%- for message in messages[::-1] %}
    {%- set index = (messages|length - 1) - loop.index0 %}
    {%- if ns.multi_step_tool and message.role == "user" and not(message.content.startswith('<tool_response>') and message.content.endswith('</tool_response>')) %}
        {%- set ns.multi_step_tool = false %}
        {%- set ns.last_query_index = index %}
    {%- endif %}
{%- endfor %}
{%- for message in messages %}
    {%- if message.role == "assistant" %}
        {%- set content = message.content %}
        {%- set reasoning_content = '' %}
        {%- if message.reasoning_content is defined and message.reasoning_content is not none %}
            {%- set reasoning_content = message.reasoning_content %}
        {%- elif '</think>' in message.content %}
            {%- set content = message.content.split('</think>')[-1].lstrip('\\n') %}
            {%- set reasoning_content = message.content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}
        {%- endif %}
        {%- if loop.index0 > ns.last_query_index and (loop.last or (not loop.last and reasoning_content)) %}
            {{- '<|im_start|>' + message.role + '\\n<think>\\n' + reasoning_content.strip('\\n') + '\\n</think>\\n\\n' + content.lstrip('\\n') }}
        {%- else %}
            {{- '<|im_start|>' + message.role + '\\n' + content }}
        {%- endif %}
        {{- '<|im_end|>\\n' }}
    {%- else %}
        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}
        {{- '<think>\\n\\n</think>\\n\\n' }}
    {%- endif %}
{%- endif %}
""",
    "gemma": (
        "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
        "{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
        "{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}"
        "{% if (message['role'] == 'assistant') %}{% set role = 'model' %}{% else %}{% set role = message['role'] %}{% endif %}"
        "{{ '<start_of_turn>' + role + '\n' + message['content'] | trim + '<end_of_turn>\n' }}{% endfor %}"
        "{% if add_generation_prompt %}{{'<start_of_turn>model\n'}}{% endif %}"
    ),
    "zephyr": """\
{% for message in messages %}
{% if message['role'] == 'user' %}
{{ '<|user|>
' + message['content'] + eos_token }}
{% elif message['role'] == 'system' %}
{{ '<|system|>
' + message['content'] + eos_token }}
{% elif message['role'] == 'assistant' %}
{{ '<|assistant|>
'  + message['content'] + eos_token }}
{% endif %}
{% if loop.last and add_generation_prompt %}
{{ '<|assistant|>' }}
{% endif %}
{% endfor %}""",
    "macro": """\
{%- macro turn(role, content, mark='|') -%}
<{{ mark }}{{ role }}{{ mark }}>
{{ content | trim }}
{%- endmacro -%}
{%- for message in messages -%}
{{ turn(message.role, message.content) if message.role != 'system' else turn('sys', message.content, mark='#') }}
{% endfor -%}
{% generation %}{{ turn('assistant', '') }}{% endgeneration %}""",
}

# Expressions and statements one by one, over the variables of `VALUES`.
FEATURES = [
    # white space around tags
    "a {% if true %} b {% endif %} c", "a\n  {% if true %}\n  b\n  {% endif %}\nc\n", "a\n  {%- if true %}\n b {%- endif -%}\n c",
    "a\n  {%+ if true %}\nb\n{% endif +%}\nc", "  {{ 1 }}  \n  {{ 2 }}\n", "a  {{- 1 -}}  b", "{# gone #}\nx", "  {# gone #}\n  x", "a {#- gone -#} b", "a\n\n",
    "a\r\nb\r{% if 1 %}\r\nc{% endif %}", "{%raw%}{{ a }}{% if %}{% endraw %}\nx", "a {%- raw -%} {{ b }} {%- endraw -%} c", "x{% if 1 %}\n\ny{% endif %}\n\nz", "\n\n{{ 1 }}\n\n",
    "  {%- for i in [1, 2] %}\n  {{ i }}\n  {%- endfor %}\n", "\t{% set x = 1 %}\n\t{{ x }}", "x {% set y = 1 %} z", "{{ '{{' }}{{ '%}' }}", "{{ {'a': {'b': 1}}['a']['b'] }}",
    # literals and escapes
    r"{{ 'a\nb\t\'\\ \x41\u00e9\U0001F600\101\q' }}", "{{ \"it's\" }}", "{{ 'a' 'b' \"c\" }}", "{{ 1_000 + 0.5 }}", "{{ 1e3 }} {{ 1.5e-7 }} {{ 2.50 }} {{ 1e16 }} {{ 123456789012.0 }}",
    "{{ none }} {{ None }} {{ true }} {{ False }}", "{{ [1, 'a', none, true, 1.0, [2]] }}", "{{ {'a': 'b', 'c': [1]} }}", "{{ \"it's\" ~ ['it\\'s', 'q\"', 'a\\n\\x01'] }}", "{{ [] }} {{ {} }}",
    # arithmetic and its order
    "{{ 1 + 2 * 3 - 4 }} {{ (1 + 2) * 3 }} {{ 7 / 2 }} {{ 7 // 2 }} {{ -7 // 2 }} {{ 7 % 3 }} {{ -7 % 3 }} {{ 2 ** 3 ** 2 }} {{ -2 ** 2 }}", "{{ 6 / 2 }} {{ 1.5 + 1 }} {{ 7.5 // 2 }} {{ 'ab' * 3 }}",
    "{{ 1 ~ 2 ~ 'a' ~ none }} {{ 'a' + 1 ~ 2 }} {{ 1 ~ 2 * 3 }}", "{{ [1] + [2] }} {{ true + 1 }}", "{{ 'a' + 'b' | upper }} {{ ('a' + 'b') | upper }}", "{{ -3 | abs }} {{ (-3) | abs }}",
    # comparisons and logic
    "{{ 1 < 2 < 3 }} {{ 1 < 3 < 2 }} {{ 1 == 1.0 }} {{ true == 1 }} {{ 'a' == 'a' }} {{ none == false }} {{ [1] == [1] }}", "{{ 'a' < 'b' }} {{ 'Z' < 'a' }} {{ 1 != 2 }} {{ 2 >= 2 }}",
    "{{ 'b' in 'abc' }} {{ 'x' not in 'abc' }} {{ 1 in [1, 2] }} {{ 'name' in thing }} {{ '' in 'a' }} {{ not 'a' in 'abc' }}", "{{ 1 and 2 }} {{ 0 and 2 }} {{ 0 or 'x' }} {{ '' or none }} {{ not 0 }} {{ not 1 or 1 }}",
    "{{ 'a' if true else 'b' }} {{ 'a' if false }}| {{ 'a' if false else 'b' if false else 'c' }}", "{{ missing == other_missing }} {{ missing == none }}",
    # undefined values
    "{{ missing }}|{{ thing.missing }}|{{ thing['missing'] }}|{{ list[10] }}|{{ text.missing }}|{{ none_value.a }}", "{{ missing is defined }} {{ thing.name is defined }} {{ missing is not defined }} {{ missing is undefined }}",
    "{% for x in missing %}x{% else %}none{% endfor %}", "{{ missing | default('d') }} {{ '' | default('d') }} {{ '' | default('d', true) }} {{ missing | d }}|{{ none | default('x', boolean=True) }}", "{{ missing ~ 'a' }} {{ 'a' in missing }} {{ missing | length }}",
    "{% if missing %}yes{% else %}no{% endif %}", "{{ missing | list }} {{ missing | join(',') }}|{{ missing | trim }}|",
    # items, attributes, slices
    "{{ list[0] }} {{ list[-1] }} {{ list[1:] }} {{ list[:-1] }} {{ list[::2] }} {{ list[::-1] }} {{ list[1:2] }} {{ list[5:] }} {{ list[-2:] }} {{ list[2:0:-1] }}", "{{ text[0] }} {{ text[-1] }} {{ text[1:4] }} {{ text[::-1] }} {{ text[:2] ~ text[100:] }}",
    "{{ thing.name }} {{ thing['name'] }} {{ thing.nested.deep }} {{ pairs.0.1 }} {{ pairs[1][0] }}", "{{ thing.items() | list | length }}", "{% for k, v in thing.items() %}{{ k }}={{ v }};{% endfor %}", "{{ thing.keys() | list }} {{ thing.values() | list | length }}",
    "{{ thing.get('name') }} {{ thing.get('x') }} {{ thing.get('x', 'd') }}", "{{ (thing | items | list)[1][0] }} {{ thing | length }} {{ thing | list }}",
    # methods of strings
    "[{{ '  a b '.strip() }}] [{{ '  a '.lstrip() }}] [{{ ' a  '.rstrip() }}] [{{ 'xxaxx'.strip('x') }}] [{{ 'abcba'.strip('ab') }}]", "{{ 'a,b,,c'.split(',') }} {{ ' a  b '.split() }} {{ 'a,b,c'.split(',', 1) }} {{ 'a b  c'.split(none, 1) }} {{ ''.split(',') }} {{ ''.split() }}",
    "{{ 'abc'.startswith('ab') }} {{ 'abc'.endswith('bc') }} {{ 'abc'.startswith('x') }} {{ 'abc'.startswith(('x', 'a')) }}", "{{ 'aXbXc'.replace('X', '-') }} {{ 'aXbXc'.replace('X', '-', 1) }} {{ 'ab'.replace('', '.') }} {{ 'aaa'.replace('aa', 'b') }}",
    "{{ \"they're bill's friends\".title() }} {{ 'hELLO wORLD'.capitalize() }} {{ 'Hi'.upper() }} {{ 'Hi'.lower() }}", "{{ 'hello wOrld-and (you)' | title }} {{ 'hELLO' | capitalize }} {{ 'stra\u00dfe' | upper }} {{ '\u0130\u03a3' | lower }}",
    "{{ ', '.join(['a', 'b']) }} {{ 'abcabc'.find('c') }} {{ 'abc'.find('x') }} {{ 'aXbX'.count('X') }}", "{{ 'prefix-a'.removeprefix('prefix-') }} {{ 'a.txt'.removesuffix('.txt') }} {{ 'a\nb\r\nc'.splitlines() }} {{ '12'.isdigit() }} {{ 'a'.isdigit() }}",
    # filters
    "{{ '  a ' | trim }}|{{ 'xax' | trim('x') }}", "{{ thing | tojson }}", "{{ thing | tojson(indent=2) }}", "{{ 'a\"b\\\\c\nd\u00e9\U0001f600\x01<&>' | tojson }} {{ '\u00e9' | tojson(ensure_ascii=true) }}", "{{ [1, 1.0, true, none, 'a', [], {}] | tojson }}",
    "{{ [] | tojson(indent=2) }} {{ [[], {}] | tojson(indent=1) }}", "{{ {'b': 1, 'a': 2} | tojson(sort_keys=true) }} {{ {'a': [1, 2]} | tojson(separators=(',', ':')) }}", "{{ list | join(', ') }} {{ list | join }} {{ things | join(', ', attribute='name') }}", "{{ list | first }} {{ list | last }} {{ list | length }} {{ text | length }} {{ list | count }}",
    "{{ list | reverse | list }} {{ 'abc' | reverse }}", "{{ things | map(attribute='name') | list }} {{ ['a', 'b'] | map('upper') | join }} {{ things | map(attribute='x', default='-') | list }}", "{{ things | selectattr('name') | list | length }} {{ things | selectattr('size', 'gt', 1) | map(attribute='name') | list }}",
    "{{ things | rejectattr('name', 'equalto', 'one') | map(attribute='name') | join(',') }} {{ [1, 0, 2] | select | list }} {{ [1, 2, 3] | select('odd') | list }} {{ [1, 2, 3] | reject('in', [1, 2]) | list }}", "{{ 'a\nb\n\nc' | indent(2) }}|{{ 'a\nb' | indent(2, true) }}|{{ 'a\nb' | indent }}",
    "{{ '12' | int + 1 }} {{ 'x' | int }} {{ 'x' | int(7) }} {{ 3.9 | int }} {{ '1.5' | float }} {{ 5 | string + '!' }}", "{{ [1, 1, 2] | unique | list }} {{ {'b': 1, 'a': 2} | dictsort | map('join', '=') | join(' ') }}", "{{ 'a.b' | replace('.', '-') }} {{ 'x' | safe }}",
    # tests
    "{{ 'a' is string }} {{ 1 is string }} {{ thing is mapping }} {{ list is mapping }} {{ list is iterable }} {{ 'a' is sequence }} {{ 1 is number }} {{ true is number }} {{ 1 is integer }} {{ 1.0 is float }} {{ true is boolean }}", "{{ none is none }} {{ none_value is not none }} {{ true is true }} {{ 1 is true }} {{ false is false }}",
    "{{ 3 is odd }} {{ 4 is even }} {{ 9 is divisibleby 3 }} {{ 1 is in [1, 2] }} {{ 1 is eq 1 }} {{ 'a' is equalto('a') }} {{ 2 is gt(1) }} {{ 1 is ne 2 }}", "{{ not thing.x is defined }} {{ thing.name is defined and thing.name == 'n' }}",
    # loops
    "{% for x in list %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }} {% endfor %}", "{% for x in list %}{{ loop.previtem }}<{{ x }}>{{ loop.nextitem }} {% endfor %}",
    "{% for x in list if x > 1 %}{{ loop.index }}:{{ x }} {% else %}none{% endfor %}", "{% for x in [] %}x{% else %}none{% endfor %}", "{% for a, b in pairs %}{{ a }}-{{ b }} {% endfor %}", "{% for (a, b) in pairs %}{{ a }}{{ b }}{% endfor %}",
    "{% for x in list %}{% for y in list %}{{ loop.depth }}{{ x }}{{ y }} {% endfor %}{{ loop.index }}{% endfor %}", "{% for x in list %}{{ loop.cycle('a', 'b') }}{% endfor %}", "{% for c in 'h\u00e9\U0001f600' %}[{{ c }}]{% endfor %}", "{% for k in thing %}{{ k }} {% endfor %}",
    "{% for i in range(3) %}{{ i }}{% endfor %} {{ range(2, 8, 3) | list }} {{ range(3, 0, -1) | list }}", "{% for x in list %}{% if x == 2 %}{% continue %}{% endif %}{{ x }}{% endfor %} {% for x in list %}{% if x == 2 %}{% break %}{% endif %}{{ x }}{% endfor %}",
    # scopes
    "{% set x = 1 %}{% for i in list %}{% set x = i %}{{ x }}{% endfor %}{{ x }}", "{% set ns = namespace(x=1) %}{% for i in list %}{% set ns.x = ns.x + i %}{% endfor %}{{ ns.x }}", "{% if true %}{% set y = 5 %}{% endif %}{{ y }}", "{% for i in list %}{{ seen }}{% set seen = i %}{% endfor %}|{{ i }}|{{ seen }}",
    "{% set a, b = 1, 2 %}{{ a }}{{ b }}", "{% set text_block %}a {{ text }} b{% endset %}[{{ text_block }}]", "{% set ns = namespace() %}{{ ns.x is defined }}{% set ns.x = 'y' %}{{ ns.x }}", "{% set d = dict(a=1, b='x') %}{{ d.a }}{{ d['b'] }}",
    "{% macro m(a, b=2) %}[{{ a }}{{ b }}{{ text }}]{% endmacro %}{{ m(1) }}{{ m(1, 3) }}{{ m(a=4, b=5) }}{{ m() }}", "{% macro r(n) %}{{ n }}{% if n > 0 %}{{ r(n - 1) }}{% endif %}{% endmacro %}{{ r(3) }}", "{% set x = 'o' %}{% macro m() %}{{ x }}{% set x = 'i' %}{{ x }}{% endmacro %}{{ m() }}{{ x }}",
    # what is an error when it is reached
    "{{ missing.a }}", "{{ missing.a.b is defined }}", "{{ missing + 1 }}", "{{ 1 + 'a' }}", "{{ 'a' + 1 }}", "{{ none + 'a' }}", "{{ missing() }}", "{{ thing.missing() }}", "{{ 1 / 0 }}", "{{ 1 in 'abc' }}", "{{ 1 < 'a' }}", "{% for x in 1 %}{% endfor %}", "{% set a, b = [1] %}", "{{ missing | tojson }}",
    "{{ raise_exception('no') }}", "{% if false %}{{ raise_exception('no') }}{% endif %}fine", "{{ 'a' | nonsense }}", "{{ 1 is nonsense }}", "{% set thing.name = 1 %}", "{{ list.append(1) }}",
    # what is an error at once
    "{% if true %}", "{% for x in y %}{% endif %}", "{{ 1", "{{ 1 + }}", "{% nonsense %}", "{{ 'a }}", "{# a", "{{ (1 }}", "{{ 1) }}", "{% endif %}", "{{ a b }}", "{{ }}", "{% set = 1 %}", "{% for x y %}{% endfor %}", "{{ a ? b }}", "{{ f(a=1, 2) }}", "{{ [1, 2 }}", "{{ x is }}", "{% macro %}{% endmacro %}",
]

VALUES = {
    "text": "h\u00e9llo \U0001f600", "list": [1, 2, 3], "none_value": None, "pairs": [["a", 1], ["b", 2]],
    "thing": {"name": "n", "nested": {"deep": "d\u00e9"}, "count": 2, "flag": True, "nothing": None, "ratio": 0.5, "list": [1, "x"]},
    "things": [{"name": "one", "size": 1}, {"name": "two", "size": 2}, {"name": "", "size": 3}],
}

SYSTEM, USER, ASSISTANT = "system", "user", "assistant"
CONVERSATIONS = [
    [(USER, "Hello!")],
    [(SYSTEM, "  Be brief.\n"), (USER, "What is 2 + 2?"), (ASSISTANT, " 4. "), (USER, "And \u00bd + \u00bd?\n\n")],
    [(USER, "a"), (ASSISTANT, "b"), (USER, "c"), (ASSISTANT, "<think>\nhm\n</think>\n\nd")],
    [(USER, "a"), (USER, "b")],
    [(ASSISTANT, "a")],
    [(USER, ""), (ASSISTANT, "{{ not a tag }} {% if %} \U0001f600\r\n")],
]
