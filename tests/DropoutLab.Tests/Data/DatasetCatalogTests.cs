using DropoutLab.Data;
using DropoutLab.Data.Images;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Data;

public sealed class DatasetCatalogTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void AnUnknownNameIsAnsweredByTheKnownOnes() =>
        OneLine.Throws(() => DatasetCatalog.Load("mnist", folder.Root), "no data set 'mnist'",
            "cifar10, cifar100, cifar100-coarse, fashion-mnist, svhn or svhn-extra");

    [Fact]
    public void WhatIsAtHandIsLocatedAndLoaded()
    {
        CifarFiles.MakeFolder(folder, "cifar-10-batches-bin");
        IdxBytes.MakeFolder(folder, "fashion-mnist");

        Assert.Equal(folder["cifar-10-batches-bin"], DatasetCatalog.Locate("cifar10", folder.Root));
        Assert.Equal(folder["fashion-mnist"], DatasetCatalog.Locate("fashion-mnist", folder.Root));
        Assert.Equal(15, Load("cifar10").Train.Count);
        Assert.Equal(3, Load("fashion-mnist").Train.Count);
    }

    [Fact]
    public void WhatIsNotAtHandIsLocatedNowhere() => Assert.Null(DatasetCatalog.Locate("cifar10", folder.Root));

    [Fact]
    public async Task WhatIsNotAtHandIsDownloadedWithoutBeingAskedFor()
    {
        StubServer server = new StubServer(_ => StubServer.Whole("not the archive"u8.ToArray()));
        using Downloader downloader = new Downloader(server);

        await OneLine.ThrowsAsync(
            () => DatasetCatalog.FetchAsync(new Cifar10(), folder.Root, downloader, null, TestContext.Current.CancellationToken),
            "cifar-10-binary.tar.gz", "its authors publish c32a1d4ab5d03f1284b67883e8d87530");

        Assert.Equal("https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz", Assert.Single(server.Requests).Address);
        Assert.Empty(folder.Files());
    }

    private ImageDataset Load(string name) =>
        DatasetCatalog.Load(name, folder.Root, progress: null, TestContext.Current.CancellationToken);
}
