using System.Text.Encodings.Web;
using System.Text.Unicode;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace DropoutLab.Dashboard.Shared;

/// <summary>Renders a component once, to text: a page without a server, or a picture.</summary>
public static class StaticPage
{
    // A page is UTF-8: letters and symbols stay what they are, and only what HTML itself uses is escaped.
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    /// <param name="parameters">The component's parameters by name.</param>
    /// <typeparam name="TComponent">The component, a whole document or a part of one.</typeparam>
    public static async Task<string> RenderAsync<TComponent>(IReadOnlyDictionary<string, object?> parameters)
        where TComponent : IComponent
    {
        await using ServiceProvider services = new ServiceCollection().AddSingleton(Encoder).BuildServiceProvider();
        await using HtmlRenderer renderer = new(services, NullLoggerFactory.Instance);
        return await renderer.Dispatcher.InvokeAsync(async () =>
            (await renderer.RenderComponentAsync<TComponent>(
                ParameterView.FromDictionary(parameters.ToDictionary()))).ToHtmlString());
    }
}
