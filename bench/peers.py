"""The bots we stand beside: `python -m bench.peers KIND API PORT SECRET`.

`aiogram-echo` and `ptb-echo` send back what they are told; `aiogram-taps` answers the callback and
edits the message into the next question, and stores nothing.
"""

import logging
import sys

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message
from aiogram.webhook.aiohttp_server import SimpleRequestHandler
from aiohttp import web

TOKEN = "1:bench"
CHOICES = ["完全不符合", "不太符合", "一般", "比较符合", "完全符合"]


async def echo(message: Message) -> None:
    await message.answer(message.text or "")


async def next_question(query: CallbackQuery) -> None:
    await query.answer()
    number = int((query.data or "0").split(":")[-1]) + 1
    keys = [[InlineKeyboardButton(text=words, callback_data=f"q:{i}:{number}")] for i, words in enumerate(CHOICES)]
    if isinstance(query.message, Message):
        await query.message.edit_text(
            f"第 {number} 题，共 200 题\n\n我清楚本单位为什么开展绩效管理",
            reply_markup=InlineKeyboardMarkup(inline_keyboard=keys),
        )


def aiogram(kind: str, api: str, port: int, secret: str) -> None:
    bot = Bot(TOKEN, session=AiohttpSession(api=TelegramAPIServer.from_base(api)))
    dispatcher = Dispatcher()
    if kind == "aiogram-echo":
        dispatcher.message.register(echo)
    else:
        dispatcher.callback_query.register(next_question)
    application = web.Application()
    SimpleRequestHandler(dispatcher, bot, secret_token=secret).register(application, path="/hooks/telegram")
    web.run_app(application, host="127.0.0.1", port=port, print=None, access_log=None)


def ptb(api: str, port: int, secret: str) -> None:
    from telegram import Update
    from telegram.ext import ApplicationBuilder, ContextTypes, MessageHandler, filters

    async def reply(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        if update.message:
            await update.message.reply_text(update.message.text or "")

    application = ApplicationBuilder().token(TOKEN).base_url(f"{api}/bot").build()
    application.add_handler(MessageHandler(filters.ALL, reply))
    application.run_webhook(
        "127.0.0.1", port, "hooks/telegram", secret_token=secret, webhook_url="https://bench.example/"
    )


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    kind, api, port, secret = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
    if kind == "ptb-echo":
        ptb(api, port, secret)
    else:
        aiogram(kind, api, port, secret)
