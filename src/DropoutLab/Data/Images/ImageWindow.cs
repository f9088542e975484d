namespace DropoutLab.Data.Images;

/// <summary>
/// The part of an image's plane that a network sees, of the image's own size: element (y, x) is that of the image, or of its
/// mirror image, at (y + Top, x + Left), and 0 where that lies outside. The default is the image as it is.
/// </summary>
/// <param name="Top">The image's row at the window's upper edge; below 0 where the window begins above the image.</param>
/// <param name="Left">The image's column at the window's left edge; below 0 where the window begins left of the image.</param>
/// <param name="IsMirrored">Whether the image is mirrored left to right first.</param>
public readonly record struct ImageWindow(int Top, int Left, bool IsMirrored);
