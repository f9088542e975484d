using DropoutLab.Backends;
using DropoutLab.Data;
using DropoutLab.Data.Images;
using DropoutLab.Models;
using DropoutLab.Objectives;
using DropoutLab.Random;
using DropoutLab.Recipes;
using DropoutLab.Tests.Definitions;
using DropoutLab.Tests.Storage;
using DropoutLab.Training;

namespace DropoutLab.Tests.Training;

public sealed class AugmentationTests
{
    private const int Epochs = 20, Images = 5_000, Draws = Epochs * Images, Offsets = 2 * Augmentation.Padding + 1;

    private static readonly ImageWindow[] Drawn =
        [.. Enumerable.Range(0, Draws)
            .Select(i => Augmentation.CropAndFlip.Draw(new RandomFunction(3), (uint)(i / Images), (uint)(i % Images)))];

    [Theory]
    [InlineData("none", false, false)]
    [InlineData("crop", true, false)]
    [InlineData("flip", false, true)]
    [InlineData("crop+flip", true, true)]
    public void ANameIsReadAsItIsWritten(string name, bool crop, bool flip)
    {
        Assert.Equal(new Augmentation(crop, flip), Augmentation.Parse(name));
        Assert.Equal(name, new Augmentation(crop, flip).ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("Crop")]
    [InlineData("flip+crop")]
    public void OtherNamesAreRefused(string name) => Assert.Equal(
        $"there is no augmentation '{name}': choose none, crop, flip or crop+flip",
        Assert.Throws<DropoutLabException>(() => Augmentation.Parse(name)).Message);

    /// <summary>Of images that are accepted, every window shows a pixel at least, and a mirror image is another image.</summary>
    [Theory]
    [InlineData("none")]
    [InlineData("crop")]
    [InlineData("flip")]
    [InlineData("crop+flip")]
    public void ImagesTooSmallForItAreRefused(string name)
    {
        Augmentation augmentation = Augmentation.Parse(name);
        int[] offsets = augmentation.Crop ? [.. Enumerable.Range(-Augmentation.Padding, Offsets)] : [0];
        foreach (int height in Enumerable.Range(1, 6))
        {
            foreach (int width in Enumerable.Range(1, 6))
            {
                int fewest = offsets.Min(top => Math.Max(0, height - Math.Abs(top))) * offsets.Min(
                    left => Math.Max(0, width - Math.Abs(left)));
                bool isRight = fewest > 0 && !(augmentation.Flip && width == 1);
                Assert.Equal(isRight, Record.Exception(() => augmentation.RequireFit(new ImageShape(height, width, 3))) is null);
            }
        }
    }

    [Theory]
    [InlineData(1, 1, "crop", "augmentation crop moves an image by up to 4 pixels each way, which leaves nothing to see of one "
        + "of 1×1×2; 5 pixels a side are needed at least: choose none")]
    [InlineData(4, 9, "crop+flip",
        "leaves nothing to see of one of 4×9×2; 5 pixels a side are needed at least: choose none or flip")]
    [InlineData(9, 1, "flip",
        "augmentation flip mirrors an image left to right, which changes nothing of one of 9×1×2: choose none")]
    public void ATrainerSaysWhy(int height, int width, string name, string reason)
    {
        using Backend backend = TestBackends.Reference();
        ImageSet images = new(height, width, 2, new float[2 * 2 * height * width], new byte[] { 0, 1 });
        ImageDataset data = new("small", ["a", "b"], images, images);
        TrainingRecipe recipe = ModelRecipe.Find("mlp").Default with { Augmentation = Augmentation.Parse(name) };

        OneLine.Throws(
            () => new Trainer(
                Mlp.Create(new ImageShape(height, width, 2), 2, 4), new CrossEntropy(), recipe.Batches(data), recipe.Options,
                backend).Dispose(),
            reason);
    }

    [Theory]
    [InlineData(4, false)]
    [InlineData(5, true)]
    public void ARecipesOwnIsNoException(int side, bool isRight)
    {
        using Backend backend = TestBackends.Reference();
        ImageSet images = new(side, side, 1, new byte[2 * side * side], new byte[2]);
        ModelRecipe recipe = ModelRecipe.Find("resnet8");
        ImageDataset data = new("small", ["a", "b"], images, images);

        Exception? exception = Record.Exception(() => new Trainer(
            recipe.CreateFor(data), new CrossEntropy(), recipe.Default.Batches(data), recipe.Default.Options, backend).Dispose());

        Assert.Equal(isRight, exception is null);
        if (!isRight)
            Assert.Contains(
                "choose none or flip", Assert.IsType<DropoutLabException>(exception).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WithoutTheOneTheOtherIsDrawnAsWithIt()
    {
        for (uint image = 0; image < 200; image++)
        {
            ImageWindow both = Augmentation.CropAndFlip.Draw(new RandomFunction(7), 2, image);
            Assert.Equal(both with { IsMirrored = false },
                new Augmentation(Crop: true, Flip: false).Draw(new RandomFunction(7), 2, image));
            Assert.Equal(new ImageWindow(0, 0, both.IsMirrored),
                new Augmentation(Crop: false, Flip: true).Draw(new RandomFunction(7), 2, image));
            Assert.Equal(default, Augmentation.None.Draw(new RandomFunction(7), 2, image));
        }
    }

    [Fact]
    public void EveryWindowIsAsLikely()
    {
        AssertCounts(Offsets, window => window.Top + Augmentation.Padding);
        AssertCounts(Offsets, window => window.Left + Augmentation.Padding);
        AssertCounts(2, window => window.IsMirrored ? 1 : 0);
    }

    [Fact]
    public void TheDrawsOfAnImageAreIndependent()
    {
        AssertCounts(2 * Offsets * Offsets, Number);
        AssertIndependent(Drawn[..^1], Drawn[1..], "an image and the next");
        AssertIndependent(Drawn[..^Images], Drawn[Images..], "an epoch and the next");
        ImageWindow[] otherSeed = [.. Enumerable.Range(0, Draws)
            .Select(i => Augmentation.CropAndFlip.Draw(new RandomFunction(4), (uint)(i / Images), (uint)(i % Images)))];
        AssertIndependent(Drawn, otherSeed, "a seed and the next");
    }

    private static int Number(ImageWindow window) =>
        ((window.Top + Augmentation.Padding) * Offsets + window.Left + Augmentation.Padding) * 2 + (window.IsMirrored ? 1 : 0);

    /// <summary>Each of some kinds comes up as often as any other, within 5 standard errors.</summary>
    private static void AssertCounts(int kinds, Func<ImageWindow, int> kindOf)
    {
        double p = 1.0 / kinds, bound = 5 * Math.Sqrt(Draws * p * (1 - p));
        int[] counts = new int[kinds];
        foreach (ImageWindow window in Drawn)
            counts[kindOf(window)]++;
        Assert.All(counts, count => Assert.InRange(count, Draws * p - bound, Draws * p + bound));
    }

    /// <summary>The two have the same draw as often as chance has it, within 5 standard errors.</summary>
    private static void AssertIndependent(ImageWindow[] some, ImageWindow[] others, string what)
    {
        foreach ((double p, Func<ImageWindow, int> draw) in new (double, Func<ImageWindow, int>)[]
        {
            (1.0 / Offsets, window => window.Top), (1.0 / Offsets, window => window.Left),
            (0.5, window => window.IsMirrored ? 1 : 0),
        })
        {
            double equal = some.Zip(others).Count(pair => draw(pair.First) == draw(pair.Second));
            double deviation = Math.Abs(equal - some.Length * p) / Math.Sqrt(some.Length * p * (1 - p));
            Assert.True(deviation < 5, $"{what}: {deviation} standard errors");
        }
    }
}
