-- Of Palier's dotfiles; yours: ~/.config/nvim/lua/user.lua
vim.opt.number = true
vim.opt.ignorecase = true
vim.opt.smartcase = true
vim.opt.undofile = true
vim.opt.expandtab = true
vim.opt.shiftwidth = 4
vim.opt.termguicolors = true
vim.opt.signcolumn = "yes"
vim.opt.list = true
vim.opt.listchars = { tab = "» ", trail = "·" }
-- Neovim reads .editorconfig by itself from 0.9 on.
pcall(require, "user")
