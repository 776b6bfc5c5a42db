"""Prompts: templates, examples, windows."""

from clinie.prompts.base import Example, Message, Prompt, Rules, Template, Window
from clinie.prompts.template import JinjaTemplate

__all__ = ["Example", "JinjaTemplate", "Message", "Prompt", "Rules", "Template", "Window"]
