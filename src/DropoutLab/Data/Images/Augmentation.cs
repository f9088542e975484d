using DropoutLab.Models;
using DropoutLab.Random;

namespace DropoutLab.Data.Images;

/// <summary>
/// What is changed at random in an image each time it is trained on; evaluation changes nothing. With I the normalised image, or
/// its mirror image, and 0 around it, the network sees
/// <code>
/// input(y, x) = I(y + top, x + left)          top, left uniform on −4 … 4, mirrored with probability 1/2
/// </code>
/// 0 is each pixel's mean, for the image around which it lies is normalised already.
/// A trainer refuses to crop images with a side of 4 pixels or fewer, of which a window may hold nothing, and to mirror those one
/// pixel wide.
/// </summary>
/// <param name="Crop">
/// Whether a window is cropped from the image with four pixels of zeros on every side; else top = left = 0.
/// </param>
/// <param name="Flip">Whether every second image is mirrored left to right; else none.</param>
/// <remarks>Source: He, Zhang, Ren and Sun, "Deep Residual Learning for Image Recognition", 2015, section 4.2.</remarks>
public readonly record struct Augmentation(bool Crop, bool Flip)
{
    /// <summary>Pixels of zeros on every side of an image that is cropped.</summary>
    public const int Padding = 4;

    private const int TopDraw = 0, LeftDraw = 1, MirrorDraw = 2;

    private static readonly Augmentation[] All = [None, new(true, false), new(false, true), CropAndFlip];

    /// <summary>The image as it is.</summary>
    public static Augmentation None => default;

    /// <summary>Both.</summary>
    public static Augmentation CropAndFlip => new(true, true);

    /// <summary>As <see cref="ToString"/> writes them, for a message or a help text.</summary>
    public static IEnumerable<string> Names => All.Select(augmentation => augmentation.ToString());

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    /// <exception cref="DropoutLabException">The text is none of that.</exception>
    public static Augmentation Parse(string text) =>
        Array.FindIndex(All, augmentation => augmentation.ToString() == text) is >= 0 and var index
        ? All[index]
        : throw new DropoutLabException(
            $"there is no augmentation '{text}': choose {string.Join(", ", Names.SkipLast(1))} or {Names.Last()}",
            SettingName.Augmentation, text);

    /// <summary>
    /// What is drawn for an image in an epoch: a function of the seed, the epoch and the image's number alone. Draw 0 is of the
    /// top, 1 of the left, 2 of the mirror image, so that each is the same whatever else is drawn.
    /// </summary>
    /// <param name="random">The run's randomness.</param>
    /// <param name="epoch">From 0.</param>
    /// <param name="image">The image's number in the training set, from 0.</param>
    public ImageWindow Draw(RandomFunction random, uint epoch, uint image)
    {
        int Below(int bound, int which) => random.Below(bound, new RandomStream(RandomPurpose.Augmentation, which), epoch, image);
        return new ImageWindow(
            Crop ? Below(2 * Padding + 1, TopDraw) - Padding : 0,
            Crop ? Below(2 * Padding + 1, LeftDraw) - Padding : 0,
            Flip && Below(2, MirrorDraw) == 1);
    }

    /// <summary>Checks that it leaves something of every image to see, and that each part of it changes something.</summary>
    /// <exception cref="DropoutLabException">
    /// A window could hold nothing of such an image, or its mirror image is the image.
    /// </exception>
    internal void RequireFit(ImageShape images)
    {
        if (Misfit(images) is { } reason)
            throw new DropoutLabException(
                $"{reason}: choose {string.Join(" or ", All.Where(other => other.Misfit(images) is null))}",
                SettingName.Augmentation, this);
    }

    private string? Misfit(ImageShape images) =>
        Crop && Math.Min(images.Height, images.Width) <= Padding
            ? $"augmentation {this} moves an image by up to {Padding} pixels each way, which leaves nothing to see of one of "
                + $"{images}; {Padding + 1} pixels a side are needed at least"
        : Flip && images.Width == 1
            ? $"augmentation {this} mirrors an image left to right, which changes nothing of one of {images}"
        : null;

    /// <summary><c>none</c>, <c>crop</c>, <c>flip</c> or <c>crop+flip</c>.</summary>
    public override string ToString() => (Crop, Flip) switch
    {
        (true, true) => "crop+flip",
        (true, false) => "crop",
        (false, true) => "flip",
        _ => "none",
    };
}
