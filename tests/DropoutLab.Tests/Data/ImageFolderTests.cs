using DropoutLab.Data;
using DropoutLab.Data.Images;
using DropoutLab.Tests.Storage;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;

namespace DropoutLab.Tests.Data;

public sealed class ImageFolderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void APictureOfTheSizeAskedForStaysAsItIsAndClassesAreInTheOrderOfTheirNames()
    {
        byte[] dog = Picture("data/train/dog/a.png", 4, 4, seed: 1), cat = Picture("data/train/cat/deep/b.png", 4, 4, seed: 2);
        byte[] tested = Picture("data/test/dog/c.png", 4, 4, seed: 3);
        folder.Make("data/train/dog/notes.txt", "no picture"u8);

        ImageDataset data = Read(4);

        Assert.Equal(["cat", "dog"], data.ClassNames);
        Assert.Equal([.. cat, .. dog], data.Train.Pixels.ToArray());
        Assert.Equal([0, 1], data.Train.Labels.ToArray());
        Assert.Equal(tested, data.Test.Pixels.ToArray());
        Assert.Equal([1], data.Test.Labels.ToArray());
        Assert.Equal((2, "[4, 4, 3]"), (Folder(4).Describe().TrainCount, $"{Folder(4).Describe().Input}"));
    }

    /// <summary>Of 8 × 4 pixels the columns 2 to 5 remain; each of 2 × 2 is the mean of a block of 2 × 2, about.</summary>
    [Fact]
    public void ALargerPictureIsShrunkAndItsMiddleCutOut()
    {
        using (Image<Rgb24> wide = new(8, 4, new Rgb24(255, 0, 0)))
        {
            for (int y = 0; y < 4; y++)
            {
                for (int x = 2; x < 6; x++)
                    wide[x, y] = x < 4 ? new Rgb24(0, 200, 0) : new Rgb24(0, 0, 100);
            }

            Save(wide, "data/train/a/wide.png");
            Save(wide, "data/test/a/wide.png");
        }

        ReadOnlySpan<byte> pixels = Read(2).Train.Pixels.Span;

        Assert.InRange(pixels[1], 130, 200);
        Assert.InRange(pixels[5], 60, 100);
        Assert.True(pixels[0] < 60 && pixels[2] < 30);
    }

    [Fact]
    public void GreyPicturesAndJpegsAreTakenToo()
    {
        using (Image<L8> grey = new(3, 3, new L8(77)))
        {
            Save(grey, "data/train/a/grey.png");
            grey.SaveAsJpeg(folder["data/train/a/grey.JPG"]);
            Save(grey, "data/test/a/grey.png");
        }

        Assert.All(Read(3).Train.Pixels.ToArray(), value => Assert.InRange(value, 76, 78));
        Assert.Equal(
            Enumerable.Repeat((byte)77, 9),
            Pictures.Read([folder["data/train/a/grey.png"]], 3, 3, channels: 1).Pixels.ToArray());
        Assert.Equal(
            [0, 0, 0, 0, 0, 77, 77, 0, 0, 77, 77, 0, 0, 0, 0, 0],
            Pictures.Read([folder["data/train/a/grey.png"]], 4, 4, channels: 1, margin: 1).Pixels.ToArray());
    }

    [Fact]
    public void PicturesAreDecodedOnceUntilOneChanges()
    {
        Picture("data/train/a/1.png", 4, 4, seed: 1);
        Picture("data/test/a/1.png", 4, 4, seed: 2);
        byte[] first = Read(4).Train.Pixels.ToArray();
        string path = folder["data/train/a/1.png"];
        (DateTime time, long length) = (File.GetLastWriteTimeUtc(path), new FileInfo(path).Length);
        File.WriteAllBytes(path, new byte[length]);
        File.SetLastWriteTimeUtc(path, time);
        Assert.Equal(first, Read(4).Train.Pixels.ToArray()); // Nobody looked into it.

        byte[] changed = Picture("data/train/a/1.png", 4, 4, seed: 3);
        Assert.Equal(changed, Read(4).Train.Pixels.ToArray());
        Assert.Equal(2, Directory.GetFiles(folder["cache", "folders"]).Length);
        File.WriteAllBytes(Directory.GetFiles(folder["cache", "folders"])[0], [1, 2, 3]);
        File.WriteAllBytes(Directory.GetFiles(folder["cache", "folders"])[1], [1, 2, 3]);
        Assert.Equal(changed, Read(4).Train.Pixels.ToArray());
    }

    [Fact]
    public void WhatIsWrongIsOneLineThatNamesThePlace()
    {
        Picture("data/train/a/1.png", 4, 4, seed: 1);
        Fails($"there is no folder {folder["data", "test"]}: ");
        Picture("data/test/b/1.png", 4, 4, seed: 1);
        Fails($"{folder["data", "test", "b"]} is a class that the training set lacks: it has a");
        Directory.Move(folder["data", "test", "b"], folder["data", "test", "a"]);
        Directory.CreateDirectory(folder["data", "train", "empty"]);
        Fails($"{folder["data", "train", "empty"]} has no picture: ");
        byte[] whole = File.ReadAllBytes(folder["data", "train", "a", "1.png"]);
        folder.Make("data/train/empty/2.png", whole.AsSpan(0, whole.Length / 2));
        Fails($"{folder["data", "train", "empty", "2.png"]} is damaged, or no picture in PNG or JPEG: ");
        folder.Make("data/train/empty/2.png", "GIF89a"u8);
        Fails($"{folder["data", "train", "empty", "2.png"]} is damaged, or no picture in PNG or JPEG: ");
    }

    private ImageFolder Folder(int size) => new(folder["data"], size);

    private ImageDataset Read(int size) => Folder(size).Read(folder["cache"]);

    private void Fails(string begin)
    {
        string message = Assert.Throws<DropoutLabException>(() => Read(4)).Message;
        Assert.StartsWith(begin, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    private byte[] Picture(string name, int width, int height, int seed)
    {
        byte[] pixels = new byte[3 * width * height];
        new System.Random(seed).NextBytes(pixels);
        using Image<Rgb24> image = Image.LoadPixelData<Rgb24>(pixels, width, height);
        Save(image, name);
        return pixels;
    }

    private void Save(Image image, string name)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder[name])!);
        image.SaveAsPng(folder[name]);
    }
}
