using System.IO.Compression;
using System.Text;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Documentation;

/// <summary>
/// Both packages, in a folder outside the repository, with an empty cache: DropoutLab's come from what was packed alone, others'
/// from what the build has already fetched.
/// </summary>
public sealed class PackageTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void TheLibraryAndTheToolAreInstalledAndRun()
    {
        SourceTree.Require();
        Pack();
        ReadmeTests.MakeFashionMnist(folder);
        WriteProject();
        DotnetCommand dotnet = new(folder.Root) { PackageCache = folder["cache"] };

        string output = dotnet.Run("run", "-c", "Release", "--", folder.Root);
        Assert.StartsWith("epoch 1: train loss ", output, StringComparison.Ordinal);
        Assert.Contains("\nepoch 2: train loss ", output, StringComparison.Ordinal);
        Assert.True(File.Exists(folder["cache", "dropoutlab", LibraryVersion.Text, "lib", "net10.0", "DropoutLab.xml"]));

        dotnet.Run("tool", "install", "DropoutLab.Tool", "--tool-path", "tools", "--configfile", "NuGet.Config");
        string Tool(params string[] arguments) => dotnet.Run(folder["tools", "dropoutlab"], arguments);
        string[] training = ["--model", "logistic-regression", "--dataset", "fashion-mnist", "--data-dir", folder.Root];
        Tool(["train", .. training, "--epochs", "1", "--out", "run", "--quiet"]);
        Assert.Contains("after epoch 1 of 1", Tool("evaluate", "run", "--data-dir", folder.Root), StringComparison.Ordinal);
        File.WriteAllText(
            folder["sweep.yaml"],
            """
            name: two
            recipe: { model: logistic-regression, dataset: fashion-mnist, epochs: 1 }
            axes: { dropout: [none] }
            seeds: [1, 2]
            """);
        Tool("sweep", "sweep.yaml", "--out", "sweep", "--data-dir", folder.Root);
        Tool("report", "sweep");
        Assert.True(File.Exists(folder["sweep", "report.html"]));
    }

    /// <summary>Of what is built already: a build beside the tests would overwrite it.</summary>
    private void Pack()
    {
        foreach (string project in (string[])["DropoutLab", "DropoutLab.Cli"])
        {
            new DotnetCommand(SourceTree.PathOf("src", project))
                .Run("pack", "-c", "Release", "--no-build", "-v", "quiet", "-o", folder["packed"]);
        }

        using ZipArchive library = ZipFile.OpenRead(folder["packed", $"DropoutLab.{LibraryVersion.Text}.nupkg"]);
        Assert.Superset(
            new HashSet<string>(["README.md", "LICENSE", "lib/net10.0/DropoutLab.dll", "lib/net10.0/DropoutLab.xml"]),
            library.Entries.Select(entry => entry.FullName).ToHashSet());
        Assert.True(File.Exists(folder["packed", $"DropoutLab.{LibraryVersion.Text}.snupkg"]));
    }

    private void WriteProject()
    {
        string fetched = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        folder.Make("NuGet.Config", Encoding.UTF8.GetBytes($"""
            <configuration>
              <packageSources>
                <clear />
                <add key="packed" value="{folder["packed"]}" />
                <add key="fetched" value="{fetched}" />
              </packageSources>
              <packageSourceMapping>
                <packageSource key="packed"><package pattern="DropoutLab*" /></packageSource>
                <packageSource key="fetched"><package pattern="*" /></packageSource>
              </packageSourceMapping>
            </configuration>
            """));
        folder.Make("Program.cs", Encoding.UTF8.GetBytes(
            string.Join('\n', MarkdownPage.CodeBlock(SourceTree.Read("README.md"), "csharp"))));
        folder.Make("Program.csproj", Encoding.UTF8.GetBytes($"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <EnableDefaultItems>false</EnableDefaultItems>
              </PropertyGroup>
              <ItemGroup>
                <Compile Include="Program.cs" />
                <PackageReference Include="DropoutLab" Version="{LibraryVersion.Text}" />
              </ItemGroup>
            </Project>
            """));
    }
}
