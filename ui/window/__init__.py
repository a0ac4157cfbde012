"""The window itself: menus, bars, panels, dialogs, welcome, settings."""
